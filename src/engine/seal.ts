import { createHash } from 'node:crypto'

const shape = /^\{"sha256":"([0-9a-f]{64})","content":(.*)\}\n$/s

/** The JSON text of `content` together with its checksum. */
export function seal(content: unknown): string {
  const text = JSON.stringify(content)
  return `{"sha256":"${checksum(text)}","content":${text}}\n`
}

/**
 * What was sealed.
 * @throws Error when a single byte is missing or differs
 */
export function unseal(text: string): unknown {
  const [, expected, content = ''] = shape.exec(text) ?? []
  if (expected === undefined) throw new Error('it is incomplete')
  if (checksum(content) !== expected) throw new Error('its checksum is wrong')
  return JSON.parse(content)
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
