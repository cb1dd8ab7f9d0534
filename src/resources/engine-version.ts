import { z } from 'zod'
import { upTo } from '../platform/kubernetes/fields.ts'
import { ObjectMeta, type ResourceKind } from '../platform/kubernetes/objects.ts'
import { Conditions } from './game-status.ts'
import { apiVersion, group, version } from './group.ts'

export const EngineVersionSpec = z
  .object({
    version: upTo(128).min(1).meta({ description: 'Semantic version of the engine, as in 1.0.3.' }),
    image: upTo(1024).min(1).meta({ description: 'Image of the engine.' }),
    disabled: z.boolean().default(false).meta({ description: 'No new game starts with this version.' }),
  })
  .meta({ description: 'What the version is.' })
export type EngineVersionSpec = z.infer<typeof EngineVersionSpec>

export const EngineVersionStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().meta({ description: 'Generation of the spec this status is about.' }),
    games: z.int().min(0).optional().meta({ description: 'Games that run this version.' }),
    conditions: Conditions.optional(),
  })
  .meta({ description: 'How the version is used.' })

export const EngineVersion = z.object({
  apiVersion: z.literal(apiVersion).default(apiVersion),
  kind: z.literal('EngineVersion').default('EngineVersion'),
  metadata: ObjectMeta,
  spec: EngineVersionSpec,
  status: EngineVersionStatus.default({}),
})
export type EngineVersion = z.infer<typeof EngineVersion>

export const engineVersionKind: ResourceKind<EngineVersion> = {
  group,
  version,
  plural: 'engineversions',
  kind: 'EngineVersion',
  namespaced: true,
  schema: EngineVersion,
}
