import type { IncomingMessage } from 'node:http'
import { Refusal } from '../../platform/errors.ts'
import { parseExactJson } from '../../platform/exact-json.ts'
import { isObject } from '../../platform/json.ts'

/** A body larger than this is refused. */
const maxBytes = 1_048_576

/**
 * The JSON that a call carries; undefined when it carries nothing.
 * @throws Refusal `invalid_input` for anything else
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (type === undefined && length === '0' && encoding === undefined) return undefined
  if (!/^application\/json *(;|$)/i.test(type ?? '')) {
    throw new Refusal('unsupported', 'invalid_input', 'the body must be application/json')
  }
  return parse(await readText(request, Number(length)).catch(unlessBroken))
}

async function readText(request: IncomingMessage, announced: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  if (announced > maxBytes) throw tooLarge()
  // Kept open when this ends early: there is an answer to be given.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Whoever sends half a body has gone away, which is no fault of ours. */
function unlessBroken(error: unknown): never {
  if (error instanceof Refusal) throw error
  throw new Refusal('invalid', 'invalid_input', 'the body ended early', { cause: error })
}

function tooLarge(): Refusal {
  return new Refusal('too_large', 'invalid_input', `the body is larger than ${maxBytes} bytes`)
}

function parse(text: string): unknown {
  try {
    const value = parseExactJson(text)
    refusePrototypes(value)
    return value
  } catch (error) {
    throw new Refusal('invalid', 'invalid_input', 'the body is not the JSON that its content type says', {
      cause: error,
    })
  }
}

/** A member of this name would become the prototype of whatever it is copied to. */
function refusePrototypes(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refusePrototypes)
  if (!isObject(value)) return
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') throw new SyntaxError('a member is called __proto__')
    refusePrototypes(inner)
  }
}
