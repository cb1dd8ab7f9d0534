import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineSpec } from '../port.ts'
import { specHash } from '../spec-hash.ts'
import { engineBudget } from './budgets.ts'
import { game, podOptions, spec } from './fixtures.ts'
import { gameLabels, objectName } from './names.ts'
import { engineClaim, engineService, newEngineService } from './objects.ts'
import { enginePod, pullPod } from './pod-object.ts'

describe("an engine's Pod", () => {
  it('is restricted, owned by its Game and never restarted in place', () => {
    expect(enginePod(spec, podOptions)).toMatchObject({
      metadata: {
        name: 'galaxy-game-andromeda-7',
        labels: { 'app.kubernetes.io/managed-by': 'galaxy', 'galaxy.dev/game': 'andromeda-7' },
        ownerReferences: [{ kind: 'Game', uid: 'uid-1', controller: true }],
      },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            image: 'engine:1.0.0',
            imagePullPolicy: 'IfNotPresent',
            resources: { requests: { cpu: '50m' }, limits: { memory: '256Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    })
  })

  it("does not let the spec's variables change what the platform says", () => {
    const env = [{ name: 'GALAXY_ENGINE_EPOCH', value: '99' }, ...spec.env]
    const pod = JSON.stringify(enginePod({ ...spec, env }, podOptions))
    expect(pod).toContain('{"name":"GALAXY_ENGINE_EPOCH","value":"4"}')
    expect(pod).toContain('{"name":"LOG_LEVEL","value":"info"}')
    expect(pod).not.toContain('99')
  })

  it('goes where its template says', () => {
    const placement = {
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'games', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'high',
      imagePullSecrets: [{ name: 'registry' }],
    }
    expect(enginePod({ ...spec, podTemplate: placement }, podOptions).spec).toMatchObject(placement)
  })

  it('is what it was when only its volume grows, or its image is fetched otherwise', () => {
    const hash = specHash(spec)
    expect(specHash({ ...spec, storage: { size: '9Gi' } })).toBe(hash)
    expect(specHash({ ...spec, podTemplate: { imagePullSecrets: [{ name: 'registry' }] } })).toBe(hash)
    expect(specHash({ ...spec, podTemplate: { priorityClassName: 'high' } })).not.toBe(hash)
  })

  it('carries the labels and annotations that are allowed', () => {
    const podTemplate = { labels: { team: 'blue' }, annotations: { 'example.com/note': 'x' } }
    expect(enginePod({ ...spec, podTemplate }, podOptions).metadata).toMatchObject(podTemplate)
  })

  it.each(['teams', 'galaxy.dev/game-uid', 'sidecar.istio.io/inject'])('is not made with the label %s', (label) => {
    const podTemplate = { labels: { [label]: 'x' } }
    expect(() => enginePod({ ...spec, podTemplate }, podOptions)).toThrow(`"${label}" is not among`)
  })
})

describe("an engine's priority", () => {
  const pod = (priorityClassName: string, allowedPriorities?: string[]) => () =>
    enginePod({ ...spec, podTemplate: { priorityClassName } }, { ...podOptions, allowedPriorities })

  it.each(['system-node-critical', 'system-cluster-critical'])('is not that of the system: %s', (name) => {
    expect(pod(name)).toThrow(
      `spec.engine.podTemplate.priorityClassName: "${name}" is not among those that CONTROLLER_PRIORITY_CLASSES allows`,
    )
    expect(pod(name, ['system-*'])).not.toThrow()
  })

  it('is any other, or one of those that are allowed', () => {
    expect(pod('high')).not.toThrow()
    expect(pod('games-high', ['low', 'games-*'])).not.toThrow()
    expect(pod('high', ['low', 'games-*'])).toThrow('CONTROLLER_PRIORITY_CLASSES')
  })
})

describe("an engine's resources", () => {
  const defaults = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } }
  const of = (resources: EngineSpec['resources']) => {
    const pod = enginePod({ ...spec, resources }, { ...podOptions, resources: defaults })
    return Object(pod.spec).containers[0].resources
  }

  it('are those of the platform where its Game names none', () => {
    expect(of({ requests: {}, limits: {} })).toEqual(defaults)
  })

  it('are what its Game says of those that it names', () => {
    expect(of({ requests: { cpu: '1' }, limits: {} })).toEqual({
      requests: { cpu: '1', memory: '64Mi' },
      limits: { memory: '1Gi' },
    })
    expect(of({ requests: { memory: '2Gi' }, limits: {} }).limits).toEqual({})
    expect(of({ requests: {}, limits: { memory: '32Mi' } })).toEqual({
      requests: { cpu: '10m' },
      limits: { memory: '32Mi' },
    })
  })

  it('replace no engine that runs when the platform has others', () => {
    const hashOf = (pod: object) => Object(pod).metadata.annotations['galaxy.dev/spec-hash']
    expect(hashOf(enginePod(spec, { ...podOptions, resources: defaults }))).toBe(hashOf(enginePod(spec, podOptions)))
  })
})

describe('a Pod that fetches an image', () => {
  it('has the secrets of whoever asks, and another name than without', () => {
    const secrets = [{ name: 'registry' }]
    const pod = pullPod('x', podOptions, { secrets })
    expect(pod.spec).toMatchObject({ imagePullSecrets: secrets })
    expect(pod.metadata).not.toMatchObject({ name: Object(pullPod('x', podOptions).metadata).name })
  })
})

describe('a Pod that fetches an image for some nodes', () => {
  const placement = { nodeSelector: { games: 'yes' }, tolerations: [{ key: 'games', operator: 'Exists' }] }
  const nameOf = (pod: object) => Object(pod).metadata.name

  it('goes there, is isolated all the same, and has a name of its own', () => {
    const pod = pullPod('x', podOptions, { secrets: [], placement })
    expect(pod.spec).toMatchObject({ ...placement, automountServiceAccountToken: false, restartPolicy: 'Never' })
    expect(nameOf(pod)).not.toBe(nameOf(pullPod('x', podOptions)))
    const { nodeSelector, tolerations } = placement
    const same = pullPod('x', podOptions, { secrets: [], placement: { tolerations, nodeSelector } })
    expect(nameOf(same)).toBe(nameOf(pod))
  })
})

describe('what surrounds it', () => {
  it('is selected by its uid', () => {
    expect(engineService(game).spec).toMatchObject({ selector: { 'galaxy.dev/game-uid': 'uid-1' } })
  })

  it('takes no address from the cluster', () => {
    expect(newEngineService(game).spec).toMatchObject({ type: 'ClusterIP', clusterIP: 'None', ports: [{ port: 8080 }] })
  })

  it('keeps data that outlives its Game', () => {
    const claim = engineClaim({ game, storage: { size: '2Gi', storageClassName: 'fast' } })
    expect(claim.metadata).not.toHaveProperty('ownerReferences')
    expect(claim.spec).toMatchObject({ storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } })
  })

  it('lets no Pod be evicted that is not safe to, and an engine is safe to until a turn runs', () => {
    const { labels } = Object(enginePod(spec, podOptions).metadata)
    expect(labels).toMatchObject({ 'galaxy.dev/safe-to-evict': 'true' })
    expect({ ...labels, 'galaxy.dev/safe-to-evict': 'false' }).toMatchObject(engineBudget('').spec.selector.matchLabels)
    expect(Object(pullPod('x', podOptions).metadata).labels).not.toMatchObject(
      engineBudget('').spec.selector.matchLabels,
    )
  })
})

describe('a name', () => {
  const gameName = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,120}[a-z0-9])?$/)

  it('is one that a Service may have, and so are the labels', () => {
    fc.assert(
      fc.property(gameName, (name) => {
        expect(objectName(name)).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/)
        for (const value of Object.values(gameLabels({ ...game, name }))) expect(value.length).toBeLessThanOrEqual(63)
      }),
    )
  })

  it('differs where names that had to be cut differ', () => {
    expect(objectName('a.b')).not.toBe(objectName('a-b'))
    expect(objectName(`${'a'.repeat(80)}1`)).not.toBe(objectName(`${'a'.repeat(80)}2`))
  })
})
