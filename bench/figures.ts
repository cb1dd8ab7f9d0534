/** The middle value; of an even number of values the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The smallest value that `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Prints what was measured and whether the goal is met; a missed goal does not fail the run. */
export function report(what: string, figure: string, goal?: { text: string; met: boolean }): void {
  const verdict = goal ? `  goal ${goal.text}: ${goal.met ? 'met' : 'MISSED'}` : ''
  console.log(`  ${what.padEnd(58)} ${figure.padStart(14)}${verdict}`)
}
