import { createHash } from 'node:crypto'
import { canonicalJson } from '../../platform/json.ts'
import type { EngineSpec } from './port.ts'

/**
 * Changes when a running engine no longer is what the spec asks for. The epoch is no part of it, nor is the size of its
 * volume, which grows under it or not at all, nor how its image is fetched.
 */
export function specHash({ image, env, resources, storage, podTemplate = {} }: EngineSpec): string {
  const { storageClassName } = storage
  const { imagePullSecrets: _fetching, ...placement } = podTemplate
  const isEmpty = Object.keys(placement).length === 0
  return createHash('sha256')
    .update(
      canonicalJson({
        image,
        env,
        resources,
        storage: { storageClassName },
        podTemplate: isEmpty ? undefined : placement,
      }),
    )
    .digest('hex')
    .slice(0, 16)
}
