import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../../platform/kubernetes/errors.ts'
import { guarded } from './failures.ts'

const failure = (error: Error) =>
  guarded('StartFailed', () => Promise.reject(error)).catch((thrown: unknown) => Object(thrown).failure)

describe('what the API server refuses', () => {
  it.each([
    'pods "galaxy-game-x" is forbidden: exceeded quota: games, requested: pods=1, used: pods=5, limited: pods=5',
    'pods "galaxy-game-x" is forbidden: no PriorityClass with name hihg was found',
    'pods "galaxy-game-x" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities',
    'pods "galaxy-game-x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 256Mi',
    'admission webhook "validate.kyverno.svc-fail" denied the request: image registry not allowed',
    'admission webhook "who" denied the request: pods is forbidden: User "ann" cannot have such a Pod',
  ])("is the game's own where it is the Pod that may not be: %s", async (message) => {
    expect(await failure(new KubernetesError(403, 'Forbidden', message))).toBe('StartFailed')
  })

  it.each([
    'pods is forbidden: User "system:serviceaccount:galaxy-system:galaxy-controller" cannot create resource "pods" in API group "" in the namespace "default"',
    'pods "x" is forbidden: User "ann" cannot delete resource "pods" in API group "" in the namespace "default"',
    'pods "x" is forbidden: unable to create new content in namespace games because it is being terminated',
    'pods "x" is forbidden: error looking up service account games/default: serviceaccount "default" not found',
    'pods "x" is forbidden: status unknown for quota: games, resources: pods',
    'pods "x" is forbidden: not yet ready to handle request',
  ])("is nothing of the game's where it is us, or only for now: %s", async (message) => {
    expect(await failure(new KubernetesError(403, 'Forbidden', message))).toBe('HostUnavailable')
  })

  it.each([
    [400, 'StartFailed'],
    [422, 'StartFailed'],
    [401, 'HostUnavailable'],
    [429, 'HostUnavailable'],
    [500, 'HostUnavailable'],
    [0, 'HostUnavailable'],
  ])('with the status %i is %s', async (status, expected) => {
    expect(await failure(new KubernetesError(status, 'Whatever', 'so it is'))).toBe(expected)
  })
})
