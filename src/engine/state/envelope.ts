import { createHash } from 'node:crypto'

/** Wraps JSON text so that damage shows: `{"sha256":"…","content":…}`, the sum being of the content's bytes. */
export function seal(content: string): string {
  return `{"sha256":"${checksum(content)}","content":${content}}\n`
}

/** The JSON text that was sealed; undefined when it is not what was written. */
export function unseal(text: string): string | undefined {
  const [, sum, content] = /^\{"sha256":"([0-9a-f]{64})","content":(.*)\}\n$/s.exec(text) ?? []
  return content !== undefined && checksum(content) === sum ? content : undefined
}

function checksum(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
