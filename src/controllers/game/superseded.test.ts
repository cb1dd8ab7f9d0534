import { describe, expect, it } from 'vitest'
import { aGame } from './fixtures.ts'
import { isSuperseded } from './superseded.ts'

const before = aGame()
const edited = (spec: object) => aGame({ spec, metadata: { generation: 2 } })

describe('what is being done for a game', () => {
  it.each([
    { what: 'the game is gone', after: undefined },
    { what: 'another game has its name', after: aGame({ metadata: { uid: 'uid-2' } }) },
    { what: 'it is being deleted', after: aGame({ metadata: { deletionTimestamp: '2026-03-01T12:00:00Z' } }) },
    { what: 'it is to be stopped', after: edited({ runState: 'Stopped' }) },
    { what: 'it asks for another image', after: edited({ engine: { image: 'other:1' } }) },
    { what: 'it asks for another version', after: edited({ engine: { version: '2.0.0' } }) },
    {
      what: 'its engine may have more',
      after: edited({ engine: { version: '~1.0', resources: { limits: { cpu: 1 } } } }),
    },
  ])('is given up when $what', ({ after }) => {
    expect(isSuperseded(before, after)).toBe(true)
  })

  it.each([
    { what: 'the game is new', was: undefined, after: before },
    { what: 'nothing has changed', was: before, after: before },
    { what: 'its status is written', was: before, after: aGame({ status: { phase: 'Pulling' } }) },
    { what: 'a turn is forced', was: before, after: edited({ turns: { forceToken: 'now' } }) },
    { what: 'it is paused', was: before, after: edited({ runState: 'Paused' }) },
    { what: 'its volume is to grow', was: before, after: edited({ storage: { size: '2Gi' } }) },
  ])('goes on when $what', ({ was, after }) => {
    expect(isSuperseded(was, after)).toBe(false)
  })
})
