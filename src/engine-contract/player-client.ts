import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { EngineDescription, EngineStatus, type Orders, Report, StoredOrders, ValidatedOrders } from './model.ts'
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
    /** Checks orders as `putOrders` would, and stores nothing. Refused with 404 by engines that do not have the call. */
    validateOrders: (engine: EngineAddress, body: Orders, options: EngineCallOptions) =>
      call(engine, { method: 'POST', path: '/orders/validate', answer: ValidatedOrders, body }, options),
    /** What clients need to show a game that they do not know. Refused with 404 by engines that do not have the call. */
    describe: (engine: EngineAddress, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: '/describe', answer: EngineDescription }, options),
    /** How the races stand now. */
    status: (engine: EngineAddress, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: '/admin/status', answer: EngineStatus }, options),
  }
}

type RaceTurn = { raceName: string; turn?: number | undefined }

function pathOf(path: string, raceName: string, turn: number | undefined): string {
  // Half a surrogate pair cannot be encoded; the engine was given the name by JSON, which replaces it, too.
  // Not URLSearchParams: it writes a space as +, which not everything that parses queries reads as one.
  return `${path}?raceName=${encodeURIComponent(raceName.toWellFormed())}${turn === undefined ? '' : `&turn=${turn}`}`
}
