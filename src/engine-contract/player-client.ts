import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { type Orders, Report, StoredOrders } from './model.ts'
import { createEngineTransport, type EngineAddress, type EngineCallOptions } from './transport.ts'

export type PlayerEngineClient = ReturnType<typeof createPlayerEngineClient>

/** Calls one engine for one of its players. Every function throws EngineError. */
export function createPlayerEngineClient({ dispatcher }: { dispatcher: Dispatcher }) {
  const call = createEngineTransport(dispatcher)
  return {
    /** The race's view of a turn, the last one unless another is named. */
    report: (engine: EngineAddress, { raceName, turn }: RaceTurn, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: pathOf('/report', raceName, turn), answer: Report }, options),
    /** The race's orders for a turn, the coming one unless another is named. */
    orders: (engine: EngineAddress, { raceName, turn }: RaceTurn, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: pathOf('/orders', raceName, turn), answer: StoredOrders }, options),
    /** Replaces the race's orders; they are on disk when this returns. What the engine answers is left open. */
    putOrders: (engine: EngineAddress, body: Orders, options: EngineCallOptions) =>
      call(engine, { method: 'PUT', path: '/orders', answer: z.unknown(), body }, options),
  }
}

type RaceTurn = { raceName: string; turn?: number | undefined }

function pathOf(path: string, raceName: string, turn: number | undefined): string {
  // Half a surrogate pair cannot be encoded; the engine was given the name by JSON, which replaces it, too.
  // Not URLSearchParams: it writes a space as +, which not everything that parses queries reads as one.
  return `${path}?raceName=${encodeURIComponent(raceName.toWellFormed())}${turn === undefined ? '' : `&turn=${turn}`}`
}
