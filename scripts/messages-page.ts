import { z } from 'zod'
import { commands, eventPayloads } from '../src/messages/index.ts'

/** `docs/messages.md`: every command and event that a client can meet, out of the catalogue. */
export function messagesPage(): string {
  const commandRows = [...commands.values()].map(
    ({ type, method, path, budget, summary, payload, result }) =>
      `### ${type}\n\n${summary}\n\n` +
      `\`${method} /api/v1/user${path}\`, budget class ${budget}.\n\n` +
      `Payload: ${shape(payload, 'input')}\n\nResult: ${shape(result, 'output')}\n`,
  )
  const eventRows = Object.entries(eventPayloads).map(
    ([type, payload]) => `- \`${type}\`: ${shape(payload, 'output')}\n`,
  )
  return `<!-- Generated from src/messages by make generate. -->

# Messages

What a client sends in \`ExecuteCommand\` (\`message_type\`, with the payload as UTF-8 JSON) and what \`SubscribeEvents\` brings.
An answer's \`result_code\` is \`ok\`, or the \`code\` of the problem document (RFC 9457) that is then its payload.

## Commands

${commandRows.join('\n')}
## Events

Events are thin: they say what has changed, and the client fetches it. A type that a client does not know is left alone.

${eventRows.join('')}`
}

/** `{ game_id: string, turn?: integer }`. */
function shape(schema: z.ZodType, io: 'input' | 'output'): string {
  return `\`${written(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))}\``
}

type Json = z.core.JSONSchema._JSONSchema

function written(schema: Json): string {
  if (typeof schema === 'boolean') return 'any'
  if (schema.anyOf) return schema.anyOf.map(written).join(' or ')
  if (schema.type === 'array')
    return `[${typeof schema.items === 'object' && !Array.isArray(schema.items) ? written(schema.items) : 'any'}, …]`
  if (schema.type === 'object') return object(schema)
  if (schema.format === 'uuid' || schema.format === 'date-time') return schema.format
  return [schema.type ?? 'any'].flat().join(' or ')
}

function object({ properties, required = [] }: Exclude<Json, boolean>): string {
  if (!properties) return '{ … }'
  const members = Object.entries(properties).map(
    ([name, member]) => `${name}${required.includes(name) ? '' : '?'}: ${written(member)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
