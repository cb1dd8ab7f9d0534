/**
 * Six decimals are kept of every amount. Only operations that IEEE 754 rounds exactly are used in the rules (no powers,
 * logarithms or trigonometry), so that every machine gets the same bytes.
 */
export function rounded(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000
}

export type Point = { x: number; y: number }

export function distance(a: Point, b: Point): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y))
}

export function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return total
}
