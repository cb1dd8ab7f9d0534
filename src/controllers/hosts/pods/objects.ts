import type { JsonObject } from '../../../platform/json.ts'
import type { EngineSpec, GameRef } from '../port.ts'
import { gameAnnotations, gameLabels, labels, objectName } from './names.ts'
import { enginePort, ownerReference } from './pod-object.ts'

const defaultSize = '1Gi'

/**
 * Made without an address of its own: its name leads to the one engine there is, and ten thousand games take no
 * addresses from the cluster's few, and no rules of each node's proxy. That cannot be changed later, so it is no part of
 * what one that is there already must be.
 */
export function newEngineService(game: GameRef) {
  const { metadata, spec } = engineService(game)
  return { metadata, spec: { ...spec, clusterIP: 'None' } }
}

/** Keeps the name of a game's engine over all its starts. */
export function engineService(game: GameRef) {
  return {
    metadata: owned(game),
    spec: {
      type: 'ClusterIP',
      selector: { [labels.gameUid]: game.uid },
      ports: [{ name: 'http', protocol: 'TCP', port: enginePort, targetPort: enginePort }],
    },
  }
}

/**
 * The game's data. No owner reference: whether it goes with its Game is for the Game to say, and the cluster would not ask.
 */
export function engineClaim({ game, storage }: Pick<EngineSpec, 'game' | 'storage'>): JsonObject {
  const { size = defaultSize, storageClassName } = storage
  return {
    metadata: { name: objectName(game.name), labels: gameLabels(game), annotations: gameAnnotations(game) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: { requests: { storage: size } },
    },
  }
}

function owned(game: GameRef): JsonObject {
  return {
    name: objectName(game.name),
    labels: gameLabels(game),
    annotations: gameAnnotations(game),
    ownerReferences: [ownerReference(game)],
  }
}
