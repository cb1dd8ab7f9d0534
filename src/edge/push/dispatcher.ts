import type { PushEvent } from '../../gen/galaxy/push/v1/push_pb.ts'
import type { Cursor } from '../../platform/push-cursor.ts'
import type { Hub } from './hub.ts'

type DispatchHub = Pick<Hub, 'publish' | 'revokeDeviceSession' | 'revokeAllForUser' | 'moveTo' | 'goLive' | 'resync'>

export type Dispatcher = (frame: PushEvent, cursor: Cursor) => void

/** What each frame of the push stream means to the hub. A frame of a kind that is not known here moves the place only. */
export function createDispatcher(hub: DispatchHub): Dispatcher {
  return ({ kind, createdMs }, cursor) => {
    switch (kind.case) {
      case 'clientEvent': {
        const { userId, deviceSessionId, eventType, payloadBytes, traceId } = kind.value
        hub.publish({
          cursor,
          createdMs,
          userId,
          deviceSessionId: deviceSessionId || undefined,
          eventType,
          payload: payloadBytes,
          traceId,
        })
        return
      }
      case 'sessionInvalidation': {
        const { userId, deviceSessionId } = kind.value
        if (deviceSessionId) hub.revokeDeviceSession(userId, deviceSessionId)
        else hub.revokeAllForUser(userId)
        hub.moveTo(cursor)
        return
      }
      case 'gap':
        hub.resync()
        hub.moveTo(cursor)
        return
      case 'position':
        hub.moveTo(cursor)
        if (kind.value.caughtUp) hub.goLive()
        return
      case undefined:
        hub.moveTo(cursor)
    }
  }
}
