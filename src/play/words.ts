/** One line that was typed: the command's name, its words, and everything after the name as it stands. */
export type TypedLine = { name: string; words: readonly string[]; rest: string }

/** Splits a line at blanks; "double quotes" keep words together. Undefined when there is nothing on it. */
export function readLine(line: string): TypedLine | { problem: string } | undefined {
  const text = line.trim()
  const [name = ''] = text.split(/\s/, 1)
  if (name === '') return undefined
  const rest = text.slice(name.length).trim()
  // JSON has quotes of its own.
  if (name.toLowerCase() === 'order') return { name: 'order', words: [rest], rest }
  if (rest.split('"').length % 2 === 0) return { problem: 'a double quote is not closed' }
  const words = [...rest.matchAll(/"([^"]*)"|[^\s"]+/g)].map(([word, quoted]) => quoted ?? word)
  return { name: name.toLowerCase(), words, rest }
}

/** A word as it must be typed. */
export function quoted(word: string): string {
  return word === '' || /\s/.test(word) ? `"${word}"` : word
}

/** A whole number from 1; undefined when the word is none. */
export function wholeNumber(word: string | undefined): number | undefined {
  return word !== undefined && /^[1-9][0-9]{0,8}$/.test(word) ? Number(word) : undefined
}

/** A number from 0; undefined when the word is none. */
export function amountOf(word: string | undefined): number | undefined {
  return word !== undefined && /^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(word) ? Number(word) : undefined
}
