import { describe, expect, it } from 'vitest'
import { needsRepair } from './drift.ts'
import { aPod, aService, containerState, game } from './fixtures.ts'
import type { Pod, Service } from './kinds.ts'
import { labels } from './names.ts'

const held = () => ({ pod: aPod(containerState({ running: {} })), service: aService() })
type Complete = { pod: Pod; service: Service }

describe('what a game has in the cluster', () => {
  it('needs no repair as it was made, with what the API server adds', () => {
    expect(needsRepair(game, held())).toEqual([])
  })

  it('needs what is missing', () => {
    expect(needsRepair(game, { pod: undefined, service: undefined })).toEqual(['service'])
  })

  it.each<[string, (all: Complete) => void, string]>([
    ['a label taken from the Pod', ({ pod }) => delete pod.metadata.labels[labels.gameUid], 'pod'],
    ['a label changed on the Pod', ({ pod }) => (pod.metadata.labels[labels.managedBy] = 'helm'), 'pod'],
    ['an owner taken from the Pod', ({ pod }) => (pod.metadata.ownerReferences = []), 'pod'],
    ['another selector', ({ service }) => (service.spec.selector = { app: 'other' }), 'service'],
    ['another port', ({ service }) => (service.spec.ports = [{ port: 80 }]), 'service'],
    ['an owner taken from the Service', ({ service }) => (service.metadata.ownerReferences = []), 'service'],
  ])('needs repair after %s', (_, edit, repair) => {
    const all = held()
    edit(all)
    expect(needsRepair(game, all)).toEqual([repair])
  })

  it('keeps the labels that others have added', () => {
    const all = held()
    all.pod.metadata.labels.team = 'blue'
    expect(needsRepair(game, all)).toEqual([])
  })
})
