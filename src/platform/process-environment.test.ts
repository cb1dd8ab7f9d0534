import { describe, expect, it } from 'vitest'
import { ignoredVariables, takeEnvironment } from './process-environment.ts'

describe('the environment of the process', () => {
  it('is handed on whole, and hidden from libraries that would take a database from it', () => {
    const live = { PATH: '/bin', PGSSLMODE: 'require', PGOPTIONS: '-c a=b', NODE_PG_FORCE_NATIVE: '1', BACKEND_X: 'y' }
    const given = { ...live }
    expect(takeEnvironment(live)).toEqual(given)
    expect(live).toEqual({ PATH: '/bin', BACKEND_X: 'y' })
  })

  it.each([
    { given: {}, noProxy: undefined },
    { given: { HTTP_PROXY: 'http://proxy' }, noProxy: 'localhost,127.0.0.1,::1,[::1]' },
    { given: { https_proxy: 'http://proxy', NO_PROXY: 'corp' }, noProxy: 'corp,localhost,127.0.0.1,::1,[::1]' },
    { given: { HTTP_PROXY: 'p', no_proxy: 'a', NO_PROXY: 'b' }, noProxy: 'a,localhost,127.0.0.1,::1,[::1]' },
    { given: { HTTP_PROXY: 'p', NO_PROXY: '*' }, noProxy: '*' },
  ])('keeps loopback from a proxy given $given', ({ given, noProxy }) => {
    const live: NodeJS.ProcessEnv = { ...given }
    takeEnvironment(live)
    expect({ upper: live['NO_PROXY'], lower: live['no_proxy'] }).toEqual({ upper: noProxy, lower: noProxy })
  })

  it('tells which of its variables are not read', () => {
    expect(ignoredVariables({ PGUSER: 'ada', PATH: '/bin', PGDATA: '' })).toEqual(['PGUSER'])
  })
})
