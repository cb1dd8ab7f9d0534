import type { Transport } from '@connectrpc/connect'
import { type ClientClock, createGatewayTime, systemClock } from './clock.ts'
import type { DeviceKey } from './device-key.ts'
import { createEvents } from './events.ts'
import { createExecute, type ExecuteOptions } from './execute.ts'
import { createGatewayKeys } from './gateway-keys.ts'
import { createDeviceIdentity } from './identity.ts'
import { createPublicApi, type Fetch } from './public-api.ts'
import { createSignIn } from './sign-in.ts'

export type GalaxyClientOptions = {
  /** Where the gateway's public HTTP interface is, such as `https://play.example.org`. */
  publicUrl: string
  /** To the gateway's authenticated interface. */
  transport: Transport
  key: DeviceKey
  /** The device session of this key, when it is signed in. */
  session?: string | undefined
  fetch?: Fetch
  clock?: ClientClock
  /** The deployment that requests are signed for; learnt from the gateway when it is left out. */
  audience?: string
}

export type GalaxyClient = ReturnType<typeof createGalaxyClient>

/** Everything a player's program needs of the platform. */
export function createGalaxyClient(options: GalaxyClientOptions) {
  const { publicUrl, transport, key, session, clock = systemClock, audience } = options
  const api = createPublicApi({ publicUrl, fetch: options.fetch ?? ((url, init) => fetch(url, init)) })
  const time = createGatewayTime(clock)
  const keys = createGatewayKeys({ api, clock, audience, onServerTime: time.learn })
  const identity = createDeviceIdentity({ key, session })
  const execute = createExecute({ transport, keys, clock, time, identity })

  return {
    auth: createSignIn({ api, keys, clock, identity }),
    /** The device session, once this device is signed in. */
    session: identity.session,
    execute,
    events: createEvents({ transport, keys, clock, time, identity }),
    /** The gateway's clock, as far as it is known. */
    nowMs: time.nowMs,

    account: (options?: ExecuteOptions) => execute('user.account.get', {}, options),
    games: {
      list: async (options?: ExecuteOptions) => (await execute('lobby.games.list_mine', {}, options)).games,
      info: (gameId: string, options?: ExecuteOptions) => execute('game.info.get', { game_id: gameId }, options),
      /** @throws CommandRefused `description_not_found` when the game's engine does not describe itself */
      description: (gameId: string, options?: ExecuteOptions) =>
        execute('game.description.get', { game_id: gameId }, options),
      report: (gameId: string, turn: number, options?: ExecuteOptions) =>
        execute('game.report.get', { game_id: gameId, turn }, options),
      /** Those for the coming turn, unless another is named. */
      orders: (gameId: string, { turn, ...options }: ExecuteOptions & { turn?: number } = {}) =>
        execute('game.orders.get', { game_id: gameId, ...(turn === undefined ? {} : { turn }) }, options),
      /** Replaces all orders for the turn. */
      submitOrders: (
        gameId: string,
        turn: number,
        orders: readonly Record<string, unknown>[],
        options?: ExecuteOptions,
      ) => execute('game.orders.submit', { game_id: gameId, turn, orders: [...orders] }, options),
      /** Checks orders as submitting them would, and stores nothing. */
      validateOrders: (
        gameId: string,
        turn: number,
        orders: readonly Record<string, unknown>[],
        options?: ExecuteOptions,
      ) => execute('game.orders.validate', { game_id: gameId, turn, orders: [...orders] }, options),
    },
    sessions: {
      list: async (options?: ExecuteOptions) => (await execute('user.sessions.list', {}, options)).sessions,
      revoke: async (sessionId: string, options?: ExecuteOptions) =>
        (await execute('user.sessions.revoke', { session_id: sessionId }, options)).revoked,
      revokeOthers: async (options?: ExecuteOptions) =>
        (await execute('user.sessions.revoke_others', {}, options)).revoked,
      /** Signs this device out. */
      logout: async (options?: ExecuteOptions) => {
        await execute('user.sessions.logout', {}, options)
        identity.signOut()
      },
    },
  }
}
