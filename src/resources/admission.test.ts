import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitEngineVersion, admitGame } from './admission.ts'

const game = (spec: object = {}, status: object = {}) => ({ spec: { engine: { version: '~1.0' }, ...spec }, status })
const initialized = {
  conditions: [
    { type: 'Initialized', status: 'True', reason: 'x', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
}
const complaints = (object: unknown, old?: unknown) =>
  admitGame(object, old).map(({ field, message }) => `${field}: ${message}`)

describe('admission of a Game', () => {
  it('lets a good one pass', () => {
    const turns = { schedule: '0 18 * * *', timeZone: 'Europe/Berlin' }
    expect(complaints(game({ turns, players: [{ userId: 'a', raceName: 'A' }] }))).toEqual([])
  })

  it.each([
    { what: 'both version and image', spec: { engine: { version: '1', image: 'x' } }, field: 'spec.engine' },
    { what: 'neither version nor image', spec: { engine: {} }, field: 'spec.engine' },
    { what: 'a range that is none', spec: { engine: { version: 'latest' } }, field: 'spec.engine.version' },
    {
      what: 'minPlayers above maxPlayers',
      spec: { enrollment: { minPlayers: 5, maxPlayers: 4 } },
      field: 'spec.enrollment.minPlayers',
    },
    { what: 'an unknown time zone', spec: { turns: { timeZone: 'Mars/Olympus' } }, field: 'spec.turns.timeZone' },
    { what: 'a cron with four fields', spec: { turns: { schedule: '* * * *' } }, field: 'spec.turns.schedule' },
    { what: 'a cron with seven fields', spec: { turns: { schedule: '* * * * * * *' } }, field: 'spec.turns.schedule' },
    { what: 'a cron that never comes', spec: { turns: { schedule: '0 0 31 2 *' } }, field: 'spec.turns.schedule' },
    { what: 'a minute 61', spec: { turns: { schedule: '61 * * * *' } }, field: 'spec.turns.schedule' },
    {
      what: 'the same race twice',
      spec: { players: ['a', 'b'].map((userId) => ({ userId, raceName: 'Same' })) },
      field: 'spec.players[1].raceName',
    },
    { what: 'a duration that is none', spec: { ttlAfterFinished: 'soon' }, field: 'spec.ttlAfterFinished' },
  ])('refuses $what and names $field', ({ spec, field }) => {
    expect(admitGame(game(spec), undefined).map((violation) => violation.field)).toEqual([field])
  })

  it.each([
    { field: 'spec.players', spec: { players: [{ userId: 'x', raceName: 'X' }] } },
    { field: 'spec.settings', spec: { settings: { seed: 2 } } },
    { field: 'spec.storage.storageClassName', spec: { storage: { storageClassName: 'fast' } } },
  ])('refuses another $field once initialised, not before', ({ field, spec }) => {
    expect(complaints(game(spec), game({}, initialized))).toEqual([
      `${field}: cannot be changed once the engine is initialised`,
    ])
    expect(complaints(game(spec), game())).toEqual([])
    expect(complaints(game(spec, initialized), game(spec, initialized))).toEqual([])
  })

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (object, old) => {
        expect(admitGame(object, old)).toBeInstanceOf(Array)
      }),
    )
  })
})

describe('admission of an EngineVersion', () => {
  const version = (text: string) => ({ spec: { version: text, image: 'x' } })

  it.each(['1.0.3', '1.0.0-rc.1', '2.1.0+build.5'])('lets %s pass', (text) => {
    expect(admitEngineVersion(version(text), undefined)).toEqual([])
  })

  it.each(['v1.0.3', '1.0', '01.0.0', 'latest'])('refuses %s', (text) => {
    expect(admitEngineVersion(version(text), undefined)).toMatchObject([{ field: 'spec.version', value: text }])
  })

  it('refuses to become another version', () => {
    expect(admitEngineVersion(version('1.0.1'), version('1.0.0'))).toMatchObject([{ field: 'spec.version' }])
  })

  it('refuses another image, which would replace the engines of all its games at once', () => {
    const changed = { spec: { ...version('1.0.0').spec, image: 'y' } }
    expect(admitEngineVersion(changed, version('1.0.0'))).toMatchObject([{ field: 'spec.image', value: 'y' }])
  })

  it('lets it be switched off and on', () => {
    const off = { spec: { ...version('1.0.0').spec, disabled: true } }
    expect(admitEngineVersion(off, version('1.0.0'))).toEqual([])
    expect(admitEngineVersion(version('1.0.0'), off)).toEqual([])
  })
})
