import { Mistake } from './mistake.ts'
import { oneLine } from './text.ts'

/** Spelling that differs in case or in the way letters are composed is the same. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/**
 * The name that is meant: written as it is, in other case, or by a beginning that no other name has.
 * @throws Mistake that lists the names
 */
export function resolveName(given: string, names: readonly string[], what = 'race'): string {
  const fits = candidates(given, names)
  const [one, ...others] = fits
  if (one !== undefined && others.length === 0) return one
  const listed = (fits.length > 0 ? fits : names).map(oneLine).join(', ')
  if (fits.length > 0) throw new Mistake(`'${given}' may be any of: ${listed}`)
  throw new Mistake(`there is no ${what} '${given}'${names.length > 0 ? `: there are ${listed}` : ''}`)
}

function candidates(given: string, names: readonly string[]): readonly string[] {
  if (names.includes(given)) return [given]
  const wanted = folded(given)
  const same = names.filter((name) => folded(name) === wanted)
  return same.length > 0 ? same : names.filter((name) => wanted !== '' && folded(name).startsWith(wanted))
}

/** Joins the first words when together they are a name: names with blanks need no quotes. */
export function joinName(words: readonly string[], names: readonly string[]): readonly string[] {
  const known = new Set(names.map(folded))
  for (let taken = words.length; taken > 1; taken -= 1) {
    const joined = words.slice(0, taken).join(' ')
    if (known.has(folded(joined))) return [joined, ...words.slice(taken)]
  }
  return words
}
