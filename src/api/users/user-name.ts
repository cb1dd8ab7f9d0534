import { randomInt } from 'node:crypto'

/** Without I, L, O and U: nothing reads like something else, or like a word. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 8

/** A handle such as `Player-7F3KQ2MX`: by chance alone, so that it tells nothing about its owner. */
export function randomUserName(): string {
  return `Player-${Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')}`
}
