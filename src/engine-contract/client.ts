import { z } from 'zod'
import type { Dispatcher } from 'undici'
import { isListening } from './listening.ts'
import { EngineStatus, Healthz, type InitRequest } from './model.ts'
import { createEngineTransport, type EngineAddress, type EngineCallOptions } from './transport.ts'

/** Connections are accepted by the system, however busy the engine is. */
const listeningWithinMs = 200

export type EngineClient = ReturnType<typeof createEngineClient>

/**
 * Calls one engine's administration routes. The calls throw EngineError. The contract leaves open what a write
 * answers, so whoever wants to know the state after one asks for `status`.
 */
export function createEngineClient({ dispatcher }: { dispatcher: Dispatcher }) {
  const call = createEngineTransport(dispatcher)
  const answer = z.unknown()
  return {
    /** For an engine that may only be coming up: a call to nowhere is dear. Throws nothing. */
    isListening: (engine: EngineAddress) => isListening(engine.endpoint, listeningWithinMs),
    healthz: (engine: EngineAddress, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: '/healthz', answer: Healthz }, options),
    status: (engine: EngineAddress, options: EngineCallOptions) =>
      call(engine, { method: 'GET', path: '/admin/status', answer: EngineStatus }, options),
    init: (engine: EngineAddress, body: InitRequest, options: EngineCallOptions) =>
      call(engine, { method: 'POST', path: '/admin/init', answer, body }, options),
    turn: (engine: EngineAddress, turn: number, options: EngineCallOptions) =>
      call(engine, { method: 'PUT', path: '/admin/turn', answer, body: { turn } }, options),
    banish: (engine: EngineAddress, raceName: string, options: EngineCallOptions) =>
      call(engine, { method: 'POST', path: '/admin/banish', answer, body: { raceName } }, options),
  }
}
