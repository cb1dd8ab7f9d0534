import type { ClientEvent } from '../client/index.ts'
import { whenText } from './render-games.ts'
import { oneLine } from './text.ts'

/** An event in one line; undefined when a player need not hear of it. */
export function renderEvent(event: ClientEvent, nowMs: number): string | undefined {
  switch (event.type) {
    case 'game.turn.started': {
      const { name, turn, next_turn_at } = event.payload
      const next = next_turn_at === null ? '' : ` The next: ${whenText(next_turn_at, nowMs)}.`
      return `${oneLine(name)}: turn ${turn} is complete. It is your turn.${next}`
    }
    case 'game.turn.deadline_changed':
      return `${oneLine(event.payload.name)}: the next turn: ${whenText(event.payload.next_turn_at, nowMs)}.`
    case 'game.turn.generation_failed':
      return `${oneLine(event.payload.name)}: turn ${event.payload.turn} could not be made; the platform sees to it.`
    case 'game.paused':
      return `${oneLine(event.payload.name)} is paused.`
    case 'game.resumed':
      return `${oneLine(event.payload.name)} goes on.`
    case 'game.finished':
      return `${oneLine(event.payload.name)} is over with turn ${event.payload.turn}.`
    case 'user.session.created':
      return `A device has signed in as you: ${oneLine(event.payload.device_label ?? 'without a name')}.`
    case 'user.session.revoked':
      return 'A device of yours has been signed out.'
    case 'gateway.server_time':
    case 'client.unknown':
    case 'client.resync':
    case 'client.disconnected':
      return undefined
  }
}
