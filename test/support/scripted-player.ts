import { createDeviceKey, createGalaxyClient, type GalaxyClientOptions } from '../../src/client/index.ts'
import { createClientClock } from './client-clock.ts'
import { createScriptedGateway } from './scripted-gateway.ts'

/** A gateway in memory, and a client that is signed in there. Both have the same clock until the test parts them. */
export async function scriptedPlayer(options: Partial<GalaxyClientOptions> = {}) {
  const clock = createClientClock()
  const gateway = createScriptedGateway({ nowMs: clock.nowMs })
  const { transport, fetch } = gateway
  const key = await createDeviceKey()
  const client = createGalaxyClient({ publicUrl: 'http://gateway', transport, fetch, key, clock, ...options })
  const { challengeId } = await client.auth.sendEmailCode('ada@example.com')
  const { deviceSessionId } = await client.auth.confirmEmailCode({ challengeId, code: '12345678' })
  return { client, gateway, clock, key, deviceSessionId }
}

export const account = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  user_name: 'Player-1234',
  display_name: 'Ada',
  email: 'ada@example.com',
  locale: 'en',
  time_zone: 'UTC',
  created_at: '2026-01-01T00:00:00Z',
}
