import { isObject } from '../json.ts'

/** The pooled copy of a text; the text itself where none is kept. */
export type TextPool = (text: string) => string

/**
 * Makes equal short texts one text in memory: ten thousand objects of a kind say the same words, and JSON.parse makes
 * each of them anew. Bounded: a text that was not asked for while `size` others were may be forgotten.
 */
export function createTextPool({ size = 4096, longest = 128 }: { size?: number; longest?: number } = {}): TextPool {
  // What is asked for moves into the newer half; the older one is dropped when that is full.
  let newer = new Map<string, string>()
  let older = new Map<string, string>()
  return (text) => {
    if (text.length > longest) return text
    const known = newer.get(text)
    if (known !== undefined) return known
    const kept = older.get(text) ?? text
    if (newer.size >= size) [older, newer] = [newer, new Map()]
    newer.set(kept, kept)
    return kept
  }
}

/** A copy of a JSON value whose texts are those of the pool. */
export function poolTexts(value: unknown, pool: TextPool): unknown {
  if (typeof value === 'string') return pool(value)
  if (Array.isArray(value)) return value.map((each) => poolTexts(each, pool))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, poolTexts(each, pool)]))
}
