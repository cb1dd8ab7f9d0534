import { describe, expect, it } from 'vitest'
import { aGame, aVersion } from './fixtures.ts'
import { planEngineVersion } from './plan.ts'

const now = new Date('2026-03-01T12:00:00Z')
const version = (metadata: object = {}, spec: object = {}) => aVersion('default', metadata, spec)

describe('an EngineVersion', () => {
  it('is held by a finalizer and counts the games that run it', () => {
    const planned = planEngineVersion(version(), [aGame('default')], now)
    expect(planned.finalizers).toEqual(['galaxy.dev/in-use'])
    expect(planned.status.games).toBe(1)
    expect(planned.status.conditions).toMatchObject([{ type: 'Resolved', status: 'True', reason: 'Available' }])
  })

  it('says when it is disabled', () => {
    const planned = planEngineVersion(version({}, { disabled: true }), [], now)
    expect(planned.status.conditions).toMatchObject([{ type: 'Resolved', reason: 'Disabled' }])
  })

  it('that is deleted stays while a game runs it', () => {
    const deleted = version({ finalizers: ['galaxy.dev/in-use'], deletionTimestamp: '2026-03-01T11:00:00Z' })
    const planned = planEngineVersion(deleted, [aGame('default')], now)
    expect(planned.finalizers).toEqual(['galaxy.dev/in-use'])
    expect(planned.blocked).toBe('still run by default/on-1.0.0')
  })

  it('that is deleted goes once no game runs it', () => {
    const deleted = version({ finalizers: ['galaxy.dev/in-use', 'other'], deletionTimestamp: '2026-03-01T11:00:00Z' })
    expect(planEngineVersion(deleted, [], now).finalizers).toEqual(['other'])
  })
})
