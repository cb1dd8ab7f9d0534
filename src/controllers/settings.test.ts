import { describe, expect, it } from 'vitest'
import { readControllerSettings } from './settings.ts'

const read = (environment: Record<string, string>) =>
  readControllerSettings({ CONTROLLER_RUNTIME: 'pods', ...environment })

describe('the service token of the controller', () => {
  it('is the one that is set, without the line break that a file has brought along', () => {
    expect(read({ CONTROLLER_SERVICE_TOKEN: 'secret\n' }).serviceToken).toBe('secret')
  })

  it('may be missing', () => {
    expect(read({ CONTROLLER_SERVICE_TOKEN: '' })).toMatchObject({
      serviceToken: undefined,
      serviceTokenFile: undefined,
    })
  })

  it('is set or in a file, and not both', () => {
    const both = { CONTROLLER_SERVICE_TOKEN: 'secret', CONTROLLER_SERVICE_TOKEN_FILE: '/token' }
    expect(() => read(both)).toThrow(/setting CONTROLLER_SERVICE_TOKEN: .* beside CONTROLLER_SERVICE_TOKEN_FILE/)
  })
})

function podOptions(environment: Record<string, string> = {}) {
  const { runtime } = readControllerSettings({ CONTROLLER_RUNTIME: 'pods', ...environment })
  return runtime.kind === 'pods' ? runtime.podOptions : undefined
}

describe('what engines have where their Games say nothing', () => {
  it('is little, and no limit', () => {
    expect(podOptions()?.resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' }, limits: {} })
  })

  it('is what is set, or nothing', () => {
    const set = podOptions({ CONTROLLER_ENGINE_REQUESTS: 'none', CONTROLLER_ENGINE_LIMITS: 'memory=1Gi, cpu=1' })
    expect(set?.resources).toEqual({ requests: {}, limits: { memory: '1Gi', cpu: '1' } })
  })

  it.each(['cpu', 'cpu=', 'cpu=much', '=1', 'cpu=1=2', 'CPU=1', 'cpu=1,'])('cannot be %s', (wrong) => {
    expect(() => podOptions({ CONTROLLER_ENGINE_REQUESTS: wrong })).toThrow(
      'setting CONTROLLER_ENGINE_REQUESTS: must be',
    )
  })
})
