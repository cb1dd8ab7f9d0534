import { describe, expect, it } from 'vitest'
import { CommandRefused } from '../client/index.ts'
import { readRules } from './rules.ts'

const refuse = (code: string) => () => Promise.reject(new CommandRefused({ code, detail: code, status: 404 }))

describe('a game whose engine does not describe itself', () => {
  const description = refuse('description_not_found')

  it('takes orders as JSON, also when it has no report yet', async () => {
    expect(await readRules({ description, report: refuse('engine_refused') })).toEqual({ kind: 'unknown' })
  })

  it.each(['engine_not_ready', 'engine_unavailable'])('is asked again while it does not answer: %s', async (code) => {
    expect(await readRules({ description, report: refuse(code) })).toBeUndefined()
  })
})
