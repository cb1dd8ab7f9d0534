import { describe, expect, it } from 'vitest'
import type { EngineSpec } from '../port.ts'
import { containerOptions } from './container.ts'

const spec: EngineSpec = {
  game: { namespace: 'default', name: 'x', uid: 'uid-x' },
  image: 'engine:1',
  epoch: 1,
  env: [],
  resources: { requests: {}, limits: {} },
  storage: {},
}
const onLoopback = { network: undefined, instance: 'here' }
const limitsOf = (limits: Record<string, string>, requests: Record<string, string> = {}) =>
  containerOptions({ ...spec, resources: { requests, limits } }, onLoopback).HostConfig

describe("an engine's container", () => {
  it('may use what its game says, and no swap beside it', () => {
    expect(limitsOf({ cpu: '250m', memory: '256Mi' }, { cpu: '50m', memory: '64Mi' })).toMatchObject({
      NanoCpus: 250_000_000,
      Memory: 268_435_456,
      MemorySwap: 268_435_456,
      CpuShares: 51,
      MemoryReservation: 67_108_864,
    })
  })

  it('may use all there is when its game says nothing, but for processes', () => {
    const host = limitsOf({})
    expect(host).not.toHaveProperty('Memory')
    expect(host).not.toHaveProperty('NanoCpus')
    expect(host).toMatchObject({ PidsLimit: 512 })
  })

  it('is refused when what its game says is no quantity', () => {
    expect(() => limitsOf({ memory: 'much' })).toThrow(expect.objectContaining({ failure: 'StartFailed' }))
  })

  it('says which platform has made it', () => {
    expect(containerOptions(spec, onLoopback).Labels).toMatchObject({ 'galaxy.dev/instance': 'here' })
  })

  it('cannot fill the disk with what its engine says', () => {
    const { LogConfig } = containerOptions(spec, onLoopback).HostConfig ?? {}
    expect(LogConfig).toEqual({ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } })
  })

  it('is reached on its network, or else at the loopback only', () => {
    expect(containerOptions(spec, { ...onLoopback, network: 'games' }).HostConfig).toMatchObject({
      NetworkMode: 'games',
    })
    expect(containerOptions(spec, { ...onLoopback, network: 'games' }).HostConfig).not.toHaveProperty('PortBindings')
    expect(containerOptions(spec, onLoopback).HostConfig).toMatchObject({
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    })
  })
})
