import { describe, expect, it } from 'vitest'
import { aGame } from './fixtures.ts'
import { pullAccess } from './objects.ts'

const engine = (podTemplate: object) => aGame({ spec: { engine: { version: '~1.0', podTemplate } } })

describe('who asks for the image of a game', () => {
  it('is its namespace, with its secrets, for the machines that it may run on', () => {
    const nodeSelector = { games: 'yes' }
    const tolerations = [{ key: 'games', operator: 'Exists' }]
    const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }
    const imagePullSecrets = [{ name: 'registry' }]
    const labels = { team: 'blue' }
    expect(pullAccess(engine({ nodeSelector, tolerations, affinity, imagePullSecrets, labels }))).toEqual({
      namespace: 'default',
      secrets: imagePullSecrets,
      placement: { nodeSelector, tolerations, affinity },
    })
  })

  it('does not mind what runs there: its own engine may', () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } }
    expect(pullAccess(engine({ affinity, priorityClassName: 'high' })).placement).toBeUndefined()
    expect(pullAccess(aGame()).placement).toBeUndefined()
  })
})
