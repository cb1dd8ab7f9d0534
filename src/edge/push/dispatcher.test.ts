import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { type PushEvent, PushEventSchema } from '../../gen/galaxy/push/v1/push_pb.ts'
import { createDispatcher } from './dispatcher.ts'
import { at } from './fixtures.ts'

type Call = [name: string, ...args: unknown[]]

/** A hub that writes down what it is told. */
function recorder() {
  const calls: Call[] = []
  const record =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args])
    }
  const names = ['publish', 'revokeDeviceSession', 'revokeAllForUser', 'moveTo', 'goLive', 'resync'] as const
  const [publish, revokeDeviceSession, revokeAllForUser, moveTo, goLive, resync] = names.map(record)
  const nothing = () => undefined
  const hub = {
    publish: publish ?? nothing,
    revokeDeviceSession: revokeDeviceSession ?? nothing,
    revokeAllForUser: revokeAllForUser ?? nothing,
    moveTo: moveTo ?? nothing,
    goLive: goLive ?? nothing,
    resync: resync ?? nothing,
  }
  return { hub, calls }
}

const payloadBytes = new TextEncoder().encode('{}')
const event = { userId: 'ada', eventType: 'game.paused', payloadBytes, traceId: 'trace' }
const pushed = {
  cursor: at(7),
  createdMs: 5n,
  userId: 'ada',
  eventType: 'game.paused',
  payload: payloadBytes,
  traceId: 'trace',
}

type Case = { frame: string; kind: PushEvent['kind'] | undefined; calls: Call[] }

const kindOf = (init: NonNullable<Parameters<typeof create<typeof PushEventSchema>>[1]>) =>
  create(PushEventSchema, init).kind

const cases: Case[] = [
  {
    frame: 'an event for a user',
    kind: kindOf({ kind: { case: 'clientEvent', value: event } }),
    calls: [['publish', { ...pushed, deviceSessionId: undefined }]],
  },
  {
    frame: 'an event for one device session',
    kind: kindOf({ kind: { case: 'clientEvent', value: { ...event, deviceSessionId: 'phone' } } }),
    calls: [['publish', { ...pushed, deviceSessionId: 'phone' }]],
  },
  {
    frame: 'an invalidation of one device session',
    kind: kindOf({ kind: { case: 'sessionInvalidation', value: { userId: 'ada', deviceSessionId: 'phone' } } }),
    calls: [
      ['revokeDeviceSession', 'ada', 'phone'],
      ['moveTo', at(7)],
    ],
  },
  {
    frame: 'an invalidation of all of a user’s sessions',
    kind: kindOf({ kind: { case: 'sessionInvalidation', value: { userId: 'ada' } } }),
    calls: [
      ['revokeAllForUser', 'ada'],
      ['moveTo', at(7)],
    ],
  },
  {
    frame: 'a gap',
    kind: kindOf({ kind: { case: 'gap', value: { reason: 'bad_cursor' } } }),
    calls: [['resync'], ['moveTo', at(7)]],
  },
  {
    frame: 'a position in the replay',
    kind: kindOf({ kind: { case: 'position', value: { caughtUp: false } } }),
    calls: [['moveTo', at(7)]],
  },
  {
    frame: 'a position after the replay',
    kind: kindOf({ kind: { case: 'position', value: { caughtUp: true } } }),
    calls: [['moveTo', at(7)], ['goLive']],
  },
  { frame: 'a frame of a kind from the future', kind: { case: undefined }, calls: [['moveTo', at(7)]] },
]

describe('the dispatcher (G27, G28, G29)', () => {
  it.each(cases)('tells the hub of $frame', ({ kind, calls: expected }) => {
    const { hub, calls } = recorder()
    createDispatcher(hub)({ ...create(PushEventSchema, { createdMs: 5n }), kind: kind ?? { case: undefined } }, at(7))
    expect(calls).toEqual(expected)
  })
})
