import { create } from '@bufbuild/protobuf'
import { type PushEvent, PushEventSchema } from '../../gen/galaxy/push/v1/push_pb.ts'
import { type Cursor, cursorText } from '../../platform/push-cursor.ts'
import type { Row } from './store.ts'

/** One frame of the stream, as it is on the wire. */
export type Frame = PushEvent

const utf8 = new TextEncoder()

/** What a row of the outbox is on the wire. */
export function rowFrame(epoch: string, row: Row): Frame {
  return create(PushEventSchema, {
    cursor: cursorText({ epoch, position: row.position }),
    createdMs: BigInt(row.created_at.getTime()),
    kind: row.kind === 'client_event' ? clientEvent(row) : sessionInvalidation(row),
  })
}

function clientEvent({ user_id, device_session_id, event_type, payload, trace_id }: Row) {
  return {
    case: 'clientEvent' as const,
    value: {
      userId: user_id,
      deviceSessionId: device_session_id ?? '',
      eventType: event_type ?? '',
      payloadBytes: utf8.encode(JSON.stringify(payload)),
      traceId: trace_id ?? '',
    },
  }
}

function sessionInvalidation({ user_id, device_session_id, payload: { reason } }: Row) {
  return {
    case: 'sessionInvalidation' as const,
    value: {
      userId: user_id,
      deviceSessionId: device_session_id ?? '',
      reason: typeof reason === 'string' ? reason : '',
    },
  }
}

export function positionFrame(cursor: Cursor, now: Date, caughtUp: boolean): Frame {
  return create(PushEventSchema, {
    cursor: cursorText(cursor),
    createdMs: BigInt(now.getTime()),
    kind: { case: 'position', value: { caughtUp } },
  })
}

export function gapFrame(cursor: Cursor, now: Date, reason: GapReason): Frame {
  return create(PushEventSchema, {
    cursor: cursorText(cursor),
    createdMs: BigInt(now.getTime()),
    kind: { case: 'gap', value: { reason } },
  })
}

/** Why a cursor cannot be resumed from. */
export type GapReason = 'bad_cursor' | 'unknown_epoch' | 'cursor_ahead' | 'cursor_too_old'
