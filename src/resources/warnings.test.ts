import { describe, expect, it } from 'vitest'
import { warnOfGame } from './warnings.ts'

describe('an engine image', () => {
  it.each(['engine', 'registry:5000/engine', 'engine:latest', 'registry.example/a/engine:latest'])(
    'that may change is warned of: %s',
    (image) => {
      expect(warnOfGame({ spec: { engine: { image } } })).toMatchObject([{ field: 'spec.engine.image' }])
    },
  )

  it.each(['engine:1.0.3', 'registry:5000/engine:1', 'engine@sha256:abc', 'engine:latest@sha256:abc'])(
    'that stays what it is needs no warning: %s',
    (image) => {
      expect(warnOfGame({ spec: { engine: { image } } })).toEqual([])
    },
  )

  it('that a version names needs no warning', () => {
    expect(warnOfGame({ spec: { engine: { version: '~1.0' } } })).toEqual([])
    expect(warnOfGame('nonsense')).toEqual([])
  })
})
