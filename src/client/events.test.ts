import { Code, ConnectError } from '@connectrpc/connect'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { gatewayError } from '../../test/support/scripted-gateway.ts'
import { scriptedPlayer } from '../../test/support/scripted-player.ts'
import { type ClientEvent, GatewayUntrusted } from './index.ts'

const turn = (number: number) => ({
  game_id: '4be0a1c2-0000-4000-8000-000000000001',
  name: 'quickstart',
  turn: number,
  next_turn_at: null,
})

/** A player who listens; `heard` is what came so far, and `ended` settles with the stream. */
async function listener({ resumeAfter }: { resumeAfter?: string } = {}) {
  const scripted = await scriptedPlayer()
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const heard: ClientEvent[] = []
  const listen = async () => {
    for await (const event of scripted.client.events({
      signal: ending.signal,
      ...(resumeAfter ? { resumeAfter } : {}),
    })) {
      heard.push(event)
    }
  }
  const types = () => heard.map(({ type }) => type)
  const until = (count: number, type: string) =>
    eventually(() => types().filter((each) => each === type).length >= count)
  return { ...scripted, listen, heard, types, until, stop: () => ending.abort() }
}

/** One who is connected. */
async function connected(options: { resumeAfter?: string } = {}) {
  const player = await listener(options)
  const ended = player.listen()
  ended.catch(() => undefined)
  await player.until(1, 'gateway.server_time')
  return { ...player, ended }
}

describe('a stream of events', () => {
  it('begins with the time of the gateway, and brings what is pushed, in order', async () => {
    const { gateway, heard, until } = await connected()
    gateway.push('game.turn.started', turn(1))
    gateway.push('game.turn.started', turn(2))
    await until(2, 'game.turn.started')
    expect(heard.map(({ type }) => type)).toEqual(['gateway.server_time', 'game.turn.started', 'game.turn.started'])
    expect(heard[1]).toMatchObject({ id: 'epoch:1', payload: turn(1) })
    expect(heard[2]).toMatchObject({ id: 'epoch:2', payload: turn(2) })
  })

  it('passes on as unknown what a newer gateway sends', async () => {
    const { gateway, heard, until } = await connected()
    gateway.push('game.vote.opened', { vote: 1 })
    gateway.push('game.turn.started', { turn: 'a word' })
    await until(2, 'client.unknown')
    expect(heard.slice(1)).toMatchObject([
      { type: 'client.unknown', eventType: 'game.vote.opened', payload: { vote: 1 } },
      { type: 'client.unknown', eventType: 'game.turn.started', payload: { turn: 'a word' } },
    ])
  })

  it('ends without an error when the caller has had enough, and leaves no stream behind', async () => {
    const { gateway, stop, ended } = await connected()
    stop()
    expect(await ended).toBeUndefined()
    await eventually(() => gateway.openStreams() === 0)
  })

  it('is closed when the caller stops reading', async () => {
    const { client, gateway } = await scriptedPlayer()
    for await (const event of client.events()) if (event.type === 'gateway.server_time') break
    await eventually(() => gateway.openStreams() === 0)
    expect(gateway.subscriptions).toHaveLength(1)
  })

  it('sets the clock by which commands are stamped', async () => {
    const { client, gateway, clock, until } = await connected()
    const { nowMs } = clock
    const gatewayMs = nowMs()
    Object.assign(clock, { nowMs: () => nowMs() - 7_200_000 })
    gateway.tick()
    await until(2, 'gateway.server_time')
    await client.sessions.list().catch(() => undefined)
    expect(Math.abs((gateway.received.at(-1)?.timestampMs ?? 0) - gatewayMs)).toBeLessThan(60_000)
    expect(Math.abs(client.nowMs() - gatewayMs)).toBeLessThan(60_000)
  })
})

describe('a stream that breaks', () => {
  it('is opened again after the last event that was pushed, and misses nothing', async () => {
    const { gateway, heard, types, until } = await connected()
    gateway.push('game.turn.started', turn(1))
    await until(1, 'game.turn.started')
    gateway.cut()
    gateway.push('game.turn.started', turn(2))
    await until(2, 'game.turn.started')
    expect(gateway.subscriptions).toEqual([undefined, 'epoch:1'])
    expect(types()).not.toContain('client.resync')
    expect(heard.filter(({ type }) => type === 'game.turn.started').map(({ id }) => id)).toEqual(['epoch:1', 'epoch:2'])
    expect(heard.find(({ type }) => type === 'client.disconnected')).toMatchObject({
      payload: { reason: 'shutting_down' },
    })
  })

  it('tells to fetch again when the gateway does not remember the last event', async () => {
    const { gateway, until, types } = await connected()
    gateway.push('game.turn.started', turn(1))
    await until(1, 'game.turn.started')
    gateway.forget()
    gateway.cut(gatewayError('resync_required', Code.Unavailable))
    await until(1, 'client.resync')
    expect(types().slice(-3)).toEqual(['client.disconnected', 'gateway.server_time', 'client.resync'])
  })

  it('misses nothing when all it had been told was the time', async () => {
    const { gateway, types, until } = await connected()
    gateway.cut()
    gateway.push('game.turn.started', turn(1))
    await until(1, 'game.turn.started')
    expect(gateway.subscriptions).toEqual([undefined, expect.stringMatching(/^time-\d+-epoch:0$/)])
    expect(types()).not.toContain('client.resync')
  })

  it('goes on from the event of an earlier visit', async () => {
    const { gateway } = await connected({ resumeAfter: 'epoch:7' })
    expect(gateway.subscriptions).toEqual(['epoch:7'])
  })

  it.each([
    new ConnectError('socket hang up', Code.Aborted),
    gatewayError('slow_reader', Code.ResourceExhausted),
    gatewayError('replay_store_reset', Code.FailedPrecondition),
    gatewayError('push_unavailable', Code.Unavailable),
  ])('is opened again after: $message', async (error) => {
    const { gateway, until } = await connected()
    gateway.cut(error)
    await until(2, 'gateway.server_time')
    expect(gateway.openStreams()).toBe(1)
  })

  it('is opened again when the gateway ends it without a word', async () => {
    const { gateway, until } = await connected()
    gateway.endStreams()
    await until(2, 'gateway.server_time')
    expect(gateway.openStreams()).toBe(1)
  })

  it('is opened again after 75 s without anything, and not before', async () => {
    const { gateway, clock, until, types } = await connected()
    clock.advance(74_000)
    gateway.tick()
    await until(2, 'gateway.server_time')
    clock.advance(74_000)
    expect(types()).not.toContain('client.disconnected')
    clock.advance(1000)
    await until(1, 'client.disconnected')
    await until(3, 'gateway.server_time')
    expect(gateway.subscriptions).toHaveLength(2)
  })

  it('waits longer with every failure, up to half a minute, and anew once it holds', async () => {
    const { gateway, heard, until } = await listenerThatFails(9)
    await until(1, 'gateway.server_time')
    gateway.cut()
    await until(2, 'gateway.server_time')
    const waits = heard.flatMap((event) => (event.type === 'client.disconnected' ? [event.payload.retryInMs] : []))
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 250])
  })

  it('with a clock that is wrong is opened with the right one', async () => {
    const player = await listener()
    const { nowMs } = player.clock
    Object.assign(player.clock, { nowMs: () => nowMs() + 7_200_000 })
    player.listen().catch(() => undefined)
    await player.until(1, 'gateway.server_time')
    expect(player.gateway.subscriptions).toHaveLength(1)
  })
})

describe('a stream ends for good', () => {
  it.each([
    gatewayError('session_revoked', Code.FailedPrecondition),
    gatewayError('unknown_session', Code.Unauthenticated),
  ])('when this device is signed out: $message', async (error) => {
    const { gateway, ended, client } = await connected()
    gateway.cut(error)
    await expect(ended).rejects.toMatchObject({ name: 'SignedOut', code: error.rawMessage })
    expect(client.session()).toBeUndefined()
  })

  it('when the gateway will never accept it', async () => {
    const player = await listener()
    player.gateway.onRequest = async () => {
      throw gatewayError('invalid_signature', Code.Unauthenticated)
    }
    await expect(player.listen()).rejects.toMatchObject({ name: 'GatewayRefused', code: 'invalid_signature' })
  })

  it.each([
    { what: 'payload', change: { payloadBytes: Buffer.from('{}') } },
    { what: 'type', change: { eventType: 'game.finished' } },
    { what: 'id', change: { eventId: 'epoch:9' } },
    { what: 'time', change: { timestampMs: 1n } },
    { what: 'signature', change: { signature: new Uint8Array(64) } },
    { what: 'key', change: { keyId: '0123456789abcdef' } },
  ])(
    'when the $what of an event is not what the gateway signed; it is not delivered (abuse 30)',
    async ({ change }) => {
      const { gateway, ended, types } = await connected()
      gateway.tamperEvent = (event) => ({ ...event, ...change })
      gateway.push('game.turn.started', turn(1))
      await expect(ended).rejects.toThrow(GatewayUntrusted)
      expect(types()).toEqual(['gateway.server_time'])
    },
  )

  it('but not when the gateway signs with a new key that it publishes (abuse 30)', async () => {
    const { gateway, until, heard } = await connected()
    gateway.rotateKey()
    gateway.push('game.turn.started', turn(1))
    await until(1, 'game.turn.started')
    expect(heard.at(-1)?.payload).toEqual(turn(1))
  })
})

async function listenerThatFails(times: number) {
  const player = await listener()
  let left = times
  player.gateway.onRequest = async () => {
    left -= 1
    if (left >= 0) throw new ConnectError('connect ECONNREFUSED', Code.Unavailable)
  }
  player.listen().catch(() => undefined)
  return player
}
