import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../platform/kubernetes/errors.ts'
import { keyOf } from '../../platform/kubernetes/objects.ts'
import { silentLog } from '../../platform/log.ts'
import { aGame } from './fixtures.ts'
import { createUnreadableGate } from './unreadable.ts'

function aGate(metadata: object, { patched = async () => aGame() } = {}) {
  const game = aGame({ metadata })
  const seen = { reconciled: 0, removed: [] as string[], patches: [] as unknown[], events: [] as string[] }
  const sparing = createUnreadableGate({
    cache: { unreadable: () => [{ metadata: game.metadata, problem: 'spec.runState: Invalid option' }] },
    host: { remove: async ({ uid }) => void seen.removed.push(uid) },
    games: {
      patch: (_key, change) => {
        seen.patches.push(change)
        return patched()
      },
    },
    events: { record: (_game, { reason, message }) => seen.events.push(`${reason}: ${message}`) },
    log: silentLog,
  })
  const reconcile = sparing(async () => {
    seen.reconciled += 1
    return {}
  })
  return { seen, pass: (key = keyOf(game)) => reconcile(key, new AbortController().signal) }
}

const deleted = { deletionTimestamp: '2026-03-01T12:00:00Z', finalizers: ['galaxy.dev/engine', 'example.com/other'] }

describe('a Game that cannot be read', () => {
  it('is left alone with its engine, and says so', async () => {
    const { seen, pass } = aGate({})
    await pass()
    expect(seen).toMatchObject({ reconciled: 0, removed: [], patches: [] })
    expect(seen.events).toEqual([expect.stringMatching(/^Unreadable: .*spec\.runState: Invalid option$/)])
  })

  it('is let go of when it is deleted, without its engine and over the version that was seen', async () => {
    const { seen, pass } = aGate(deleted)
    await pass()
    expect(seen.removed).toEqual(['uid-1'])
    expect(seen.patches).toEqual([
      { metadata: { finalizers: ['example.com/other'], resourceVersion: '1', uid: 'uid-1' } },
    ])
  })

  it.each(['NotFound', 'BadAnswer'])('is let go of when the answer is %s', async (reason) => {
    const { pass } = aGate(deleted, { patched: () => Promise.reject(new KubernetesError(404, reason, 'no Game')) })
    await expect(pass()).resolves.toEqual({})
  })

  it('is tried again when another wrote first', async () => {
    const conflict = new KubernetesError(409, 'Conflict', 'modified')
    const { pass } = aGate(deleted, { patched: () => Promise.reject(conflict) })
    await expect(pass()).rejects.toBe(conflict)
  })

  it('is nothing to us any more when it was let go of and others still keep it', async () => {
    const { seen, pass } = aGate({ ...deleted, finalizers: ['example.com/other'] })
    await pass()
    expect(seen).toMatchObject({ removed: [], patches: [], events: [] })
  })

  it('keeps no other Game from being looked after', async () => {
    const { seen, pass } = aGate({})
    await pass({ namespace: 'default', name: 'other' })
    expect(seen.reconciled).toBe(1)
  })
})
