import type { Transport } from '@connectrpc/connect'
import type { ClientClock, GatewayTime } from './clock.ts'
import type { GatewayKeys } from './gateway-keys.ts'
import type { DeviceIdentity } from './identity.ts'

/** What it takes to talk to the gateway as this device. */
export type Gateway = {
  transport: Transport
  keys: GatewayKeys
  clock: ClientClock
  time: GatewayTime
  identity: DeviceIdentity
}
