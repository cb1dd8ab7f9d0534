import { describe, expect, it } from 'vitest'
import { apiEnvironment, controllerEnvironment, edgeEnvironment } from './environments.ts'
import { layoutOf } from './layout.ts'

const layout = layoutOf('/nowhere')
const at = { host: '127.0.0.1', port: 1 }
const [api, push] = ['http://127.0.0.1:1', 'http://127.0.0.1:2']

const environments = [
  {
    process: 'CONTROLLER',
    environmentOf: (more: object) => controllerEnvironment(layout, { http: at, metrics: at }, { ...more }),
  },
  {
    process: 'BACKEND',
    environmentOf: (more: object) =>
      apiEnvironment(layout, { http: at, push: at, metrics: at, database: '', smtp: '' }, { ...more }),
  },
  {
    process: 'GATEWAY',
    environmentOf: (more: object) =>
      edgeEnvironment(layout, { publicHttp: at, auth: at, admin: at, api, push }, { ...more }),
  },
]

describe('on a data directory', () => {
  it.each(environments)('nothing is sent to a collector unless the environment says so ($process)', (each) => {
    const traces = `${each.process}_OTEL_TRACES_EXPORTER`
    const metrics = `${each.process}_OTEL_METRICS_EXPORTER`
    expect(each.environmentOf({})).toMatchObject({ [traces]: 'none', [metrics]: 'prometheus' })
    const wanted = { [traces]: 'otlp', [metrics]: 'otlp' }
    expect(each.environmentOf(wanted)).toMatchObject(wanted)
  })

  it('engines in Docker are told from those of any other, however often it is started', () => {
    const of = (root: string, more = {}) =>
      controllerEnvironment(layoutOf(root), { http: at, metrics: at }, more)['CONTROLLER_DOCKER_INSTANCE']
    expect(of('/nowhere')).toMatch(/^up-[0-9a-f]{12}$/)
    expect(of('/nowhere')).toBe(of('/nowhere'))
    expect(of('/nowhere')).not.toBe(of('/elsewhere'))
    expect(of('/nowhere', { CONTROLLER_DOCKER_INSTANCE: 'mine' })).toBe('mine')
  })
})
