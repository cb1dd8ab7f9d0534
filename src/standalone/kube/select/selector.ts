import type { JsonObject } from '../../../platform/json.ts'

export type Selector = (object: JsonObject) => boolean

/** A selector that cannot be read, or that asks for what cannot be selected by. */
export class SelectorError extends Error {
  override name = 'SelectorError'
}
