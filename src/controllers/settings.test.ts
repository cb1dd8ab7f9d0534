import { describe, expect, it } from 'vitest'
import { readControllerSettings } from './settings.ts'

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
