import { describe, expect, it } from 'vitest'
import { apiEnvironment, controllerEnvironment, edgeEnvironment } from './environments.ts'
import { layoutOf } from './layout.ts'

const layout = layoutOf('/nowhere')
const at = { host: '127.0.0.1', port: 1 }
const [api, push] = ['http://127.0.0.1:1', 'http://127.0.0.1:2']

const environments = [
  {
    name: 'CONTROLLER_OTEL_TRACES_EXPORTER',
    environmentOf: (more: object) => controllerEnvironment(layout, { http: at, metrics: at }, { ...more }),
  },
  {
    name: 'BACKEND_OTEL_TRACES_EXPORTER',
    environmentOf: (more: object) =>
      apiEnvironment(layout, { http: at, push: at, metrics: at, database: '', smtp: '' }, { ...more }),
  },
  {
    name: 'GATEWAY_OTEL_TRACES_EXPORTER',
    environmentOf: (more: object) =>
      edgeEnvironment(layout, { publicHttp: at, auth: at, admin: at, api, push }, { ...more }),
  },
]

describe('on a data directory', () => {
  it.each(environments)('nothing is traced unless $name says so', ({ name, environmentOf }) => {
    expect(environmentOf({})).toMatchObject({ [name]: 'none' })
    expect(environmentOf({ [name]: 'otlp' })).toMatchObject({ [name]: 'otlp' })
  })
})
