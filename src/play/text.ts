/** Text of other people on one line, so that it cannot look like lines of ours. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}

/**
 * Text as a terminal may be given it: other players choose names and write messages, and must not be able to move the
 * cursor, colour the screen or turn the direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu, '\u00B7')
}

/** A number for people: one decimal at most. */
export function amount(value: number): string {
  return String(Number(value.toFixed(1)))
}

/** `1 ship`, `2 ships`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
