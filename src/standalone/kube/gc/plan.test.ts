import { describe, expect, it } from 'vitest'
import { storedAs, type Stored } from '../store/index.ts'
import { plan, type Standing } from './plan.ts'

const object = (metadata: object): Stored =>
  storedAs({ kind: 'games.galaxy.dev', namespace: 'x', name: 'a' }, 1, { metadata: { uid: 'u', ...metadata } })
const ownedBy = (...standings: Standing[]): Stored =>
  object({ ownerReferences: standings.map((uid) => ({ apiVersion: 'v1', kind: 'K', name: uid, uid })) })
const dependent = (blockOwnerDeletion: boolean): Stored =>
  object({ uid: 'd', ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'a', uid: 'u', blockOwnerDeletion }] })
const isStanding = (text: string): text is Standing => ['solid', 'waiting', 'orphaning', 'gone'].includes(text)
const standing = ({ uid }: { uid: string }): Standing => (isStanding(uid) ? uid : 'gone')
const planned = (stored: Stored, dependents: Stored[] = []) => plan(stored, { standing, dependents })

describe('garbage collection', () => {
  it('leaves objects without owners alone', () => {
    expect(planned(object({}))).toEqual({ do: 'nothing' })
  })

  it.each([
    [['solid'], { do: 'nothing' }],
    [['gone'], { do: 'delete', propagation: 'Background' }],
    [['gone', 'gone'], { do: 'delete', propagation: 'Background' }],
    [['solid', 'gone'], { do: 'disown', uids: ['gone'] }],
    [['solid', 'waiting'], { do: 'disown', uids: ['waiting'] }],
    [['waiting'], { do: 'delete', propagation: 'Background' }],
    [['orphaning'], { do: 'disown', uids: ['orphaning'] }],
    [['orphaning', 'gone'], { do: 'disown', uids: ['orphaning'] }],
  ] satisfies [Standing[], object][])('does the right thing to what is owned by %j', (standings, action) => {
    expect(planned(ownedBy(...standings))).toEqual(action)
  })

  it('passes foreground deletion on to dependents of dependents', () => {
    expect(planned(ownedBy('waiting'), [dependent(true)])).toEqual({ do: 'delete', propagation: 'Foreground' })
  })

  it('lets go of a foreground owner once nothing blocks it', () => {
    const owner = object({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] })
    expect(planned(owner, [dependent(true)])).toEqual({ do: 'nothing' })
    expect(planned(owner, [dependent(false)])).toEqual({ do: 'release', finalizer: 'foregroundDeletion' })
    expect(planned(owner)).toEqual({ do: 'release', finalizer: 'foregroundDeletion' })
  })

  it('lets go of an orphaning owner once it has no dependents', () => {
    const owner = object({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['orphan'] })
    expect(planned(owner, [dependent(false)])).toEqual({ do: 'nothing' })
    expect(planned(owner)).toEqual({ do: 'release', finalizer: 'orphan' })
  })
})
