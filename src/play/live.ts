import { type ClientEvent, GatewayRefused, GatewayUntrusted, SignedOut } from '../client/index.ts'
import { sleep } from '../platform/clock.ts'
import type { Seat } from './command.ts'
import { explainError } from './explain-error.ts'
import { lookAgain, tellTurn } from './news.ts'
import { renderEvent } from './render-event.ts'

/** After an event that the gateway did not sign. */
const distrustMs = 5000

/**
 * Tells the player what is pushed, until the signal fires.
 * @throws SignedOut when the session is over
 */
export async function followEvents(seat: Seat, signal: AbortSignal): Promise<void> {
  while (!(await endOfEvents(seat, signal))) await sleep(distrustMs, signal)
}

/** @returns false when it may be tried again */
async function endOfEvents(seat: Seat, signal: AbortSignal): Promise<boolean> {
  try {
    await listen(seat, signal)
    return true
  } catch (error) {
    if (error instanceof SignedOut) throw error
    if (error instanceof GatewayRefused) seat.print(`News cannot be shown as they happen: ${explainError(error)}`)
    else if (error instanceof GatewayUntrusted) seat.print(explainError(error) ?? error.message)
    else throw error
    return !(error instanceof GatewayUntrusted)
  }
}

async function listen(seat: Seat, signal: AbortSignal): Promise<void> {
  let state: 'opening' | 'open' | 'broken' = 'opening'
  for await (const event of seat.client.events({ signal })) {
    if (event.type === 'client.disconnected') {
      if (state === 'open') seat.print('The connection is lost; it is tried again until it holds.')
      state = 'broken'
      continue
    }
    if (state === 'broken') seat.print('Connected again.')
    // What happened before the stream was open was not pushed: look once.
    if (state !== 'open' || event.type === 'client.resync') await look(seat)
    state = 'open'
    await tell(seat, event)
  }
}

async function tell(seat: Seat, event: ClientEvent): Promise<void> {
  const text = renderEvent(event, seat.client.nowMs())
  if (
    (event.type === 'game.turn.started' || event.type === 'game.finished') &&
    event.payload.game_id === seat.open?.id
  ) {
    await tellTurn(seat, { turn: event.payload.turn, finished: event.type === 'game.finished' }, text)
  } else if (text !== undefined) seat.print(text)
}

async function look(seat: Seat): Promise<void> {
  try {
    await lookAgain(seat)
  } catch (error) {
    const told = explainError(error)
    if (told === undefined) throw error
    seat.print(told)
  }
}
