import { createHash } from 'node:crypto'
import { canonicalJson } from '../../platform/json.ts'
import type { EngineSpec } from './port.ts'

/** Changes when a running engine no longer is what the spec asks for; the epoch is no part of it. */
export function specHash({ image, env, resources, storage, podTemplate }: EngineSpec): string {
  return createHash('sha256')
    .update(canonicalJson({ image, env, resources, storage, podTemplate }))
    .digest('hex')
    .slice(0, 16)
}
