import { z } from 'zod'
import { Moment } from './command.ts'

const game = { game_id: z.uuid(), name: z.string() }

/**
 * What is pushed to clients. Events are thin: they say what has changed, and the client fetches it. A client that meets
 * a type it does not know leaves it alone.
 */
export const eventPayloads = {
  /** The first event of every stream, then every 30 s. `resumed` is false when events may have been missed. */
  'gateway.server_time': z.object({ server_time_ms: z.int(), resumed: z.boolean().optional() }),
  'user.session.created': z.object({ session_id: z.uuid(), device_label: z.string().nullable() }),
  'user.session.revoked': z.object({ session_id: z.uuid(), reason: z.string() }),
  /** A turn is complete: there is a report, and orders are for the turn after it. */
  'game.turn.started': z.object({ ...game, turn: z.int().min(0), next_turn_at: Moment.nullable() }),
  'game.turn.deadline_changed': z.object({ ...game, turn: z.int().min(0), next_turn_at: Moment.nullable() }),
  'game.turn.generation_failed': z.object({ ...game, turn: z.int().min(1) }),
  'game.paused': z.object({ ...game }),
  'game.resumed': z.object({ ...game }),
  'game.finished': z.object({ ...game, turn: z.int().min(0) }),
} as const

export type EventType = keyof typeof eventPayloads
export type EventPayload<Type extends EventType> = z.output<(typeof eventPayloads)[Type]>

/** No event's payload is larger. */
export const maxEventPayloadBytes = 16_384
