/** Numbers in [0, 1) that depend on nothing but the words they were seeded with. */
export type Random = () => number

/**
 * A generator for one purpose, such as one battle: with a generator of its own, what happens elsewhere in the turn
 * does not change its outcome. FNV-1a spreads the words over the state of mulberry32.
 */
export function createRandom(...words: readonly (string | number)[]): Random {
  let state = hash(words.join('\u0000'))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number in [0, below). */
export function pick(random: Random, below: number): number {
  return Math.floor(random() * below)
}

/** In random order; the list given stays as it is. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value
}
