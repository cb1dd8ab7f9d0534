import { type Command, commands } from '../../messages/index.ts'
import { Refusal } from '../../platform/errors.ts'
import type { BackendClient } from '../backend/index.ts'
import type { Authenticated } from '../envelope/index.ts'
import { type Answer, answerOf, refusedHere } from './answer.ts'
import { type BackendRequest, backendRequest } from './path.ts'
import { readPayload } from './payload.ts'

export type RoutedCommand = {
  messageType: string
  payloadBytes: Uint8Array
  identity: Authenticated
  clientIp: string
  signal: AbortSignal
}

export type Route = (command: RoutedCommand) => Promise<Answer>

/**
 * Takes authenticated commands to the backend, each by its line in the catalogue.
 * It throws `unknown_message_type`, or as the backend's client does; a payload that does not fit is an answer.
 */
export function createRoute({ backend }: { backend: Pick<BackendClient, 'call'> }): Route {
  return async function route({ messageType, payloadBytes, identity, clientIp, signal }) {
    const command = commands.get(messageType)
    if (!command) {
      throw new Refusal('unimplemented', 'unknown_message_type', 'This gateway does not know the message_type.')
    }
    const request = requestOrRefusal(command, payloadBytes)
    if (request instanceof Refusal) return refusedHere(request)
    const headers = {
      'x-user-id': identity.userId,
      'x-device-session-id': identity.deviceSessionId,
      ...(clientIp && { 'x-client-ip': clientIp }),
    }
    const answer = await backend.call({ ...request, headers, traceId: identity.traceId, signal })
    return answerOf(answer, command.result)
  }
}

function requestOrRefusal(command: Command, payloadBytes: Uint8Array): BackendRequest | Refusal {
  try {
    return backendRequest(command, readPayload(command.payload, payloadBytes))
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
