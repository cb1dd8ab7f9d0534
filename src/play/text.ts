import stringWidth from 'string-width'

/** Text of other people on one line, so that it cannot look like lines of ours. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}

/**
 * Text as a terminal may be given it: other players choose names and write messages, and must not be able to move the
 * cursor, colour the screen, turn the direction of writing or hide what they write. The joiners that emoji and some
 * scripts need stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[^\P{Cf}\u200C\u200D]|[\u2028\u2029\u3164\u115F\u1160\uFFA0]|\p{Cs}/gu, '\u00B7')
}

/** How many columns of a terminal the text takes. */
export function columnsOf(text: string): number {
  return stringWidth(printable(text))
}

/** What is taken for one character may be several to the computer. */
const segmenter = new Intl.Segmenter()

/** The text, cut to so many columns; an ellipsis shows that it was. */
export function clipped(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const { segment } of segmenter.segment(text)) {
    width += columnsOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** Of a message of somebody else's, more is not read. */
export const longestMessage = 500

/** A number for people: one decimal at most. */
export function amount(value: number): string {
  return String(Number(value.toFixed(1)))
}

/** `1 ship`, `2 ships`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
