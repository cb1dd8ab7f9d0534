import { EngineError, type EngineRefusal } from '../../engine-contract/index.ts'
import { Refusal, type RefusalKind } from '../../platform/errors.ts'

/** Asking again so much later makes sense. */
const retry = { retry_after_ms: 2000 }

/** What an engine may tell a player by its status. All others (401, 403, 405, 5xx …) are between the platform and it. */
const passedOn: Readonly<Record<number, RefusalKind>> = {
  400: 'invalid',
  404: 'missing',
  409: 'conflict',
  412: 'precondition',
  413: 'too_large',
  422: 'unprocessable',
}

/** The engine is there, but does not take a player's calls yet. */
export function engineNotReady(): Refusal {
  return new Refusal('unavailable', 'engine_not_ready', 'The engine of this game is not ready.', { details: retry })
}

/** So many calls wait for engines to wake that no more are held. */
export function tooManyWaiting(): Refusal {
  const message = 'Too many games are being woken. Try again in a moment.'
  return new Refusal('unavailable', 'wake_queue_full', message, { details: retry })
}

export function engineUnavailable(cause: unknown): Refusal {
  const message = 'The engine of this game does not answer.'
  return new Refusal('unavailable', 'engine_unavailable', message, { cause, details: retry })
}

/** The engine does not have the optional call `GET /describe`. */
export function descriptionNotFound(cause: unknown): Refusal {
  const message = 'The engine of this game does not describe itself.'
  return new Refusal('missing', 'description_not_found', message, { cause })
}

/** The engine does not have the optional call `POST /orders/validate`. */
export function validationNotSupported(cause: unknown): Refusal {
  const message = 'The engine of this game checks orders only when they are submitted.'
  return new Refusal('unimplemented', 'validation_not_supported', message, { cause })
}

/** True when the engine has no such call: it refused it as HTTP servers refuse what they do not know. */
export function isUnknownCall(error: unknown): boolean {
  if (!(error instanceof EngineError) || !error.refusal) return false
  const { status, code } = error.refusal
  return [404, 405, 501].includes(status) && (code === undefined || !ofGame.has(code))
}

/** Refusals with 404 that are about the game and not about the call. */
const ofGame: ReadonlySet<string> = new Set(['unknown_race', 'unknown_turn', 'not_initialized'])

/** What to tell a player of a call to an engine that failed. Anything but an EngineError is a bug and stays one. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error
  const { refusal } = error
  const kind = refusal && passedOn[refusal.status]
  if (!refusal || !kind || isInternal(refusal)) return engineUnavailable(error)
  if (refusal.code === 'not_initialized') return engineNotReady()
  const code = stableWord.test(refusal.code ?? '') ? refusal.code : undefined
  return new Refusal(kind, code ?? 'engine_refused', (refusal.detail ?? 'The engine refused.').slice(0, 10_000), {
    cause: error,
    details: refusal.errors ? { errors: refusal.errors } : {},
  })
}

/** True when the call reached an engine that has been replaced, another game's, or none: the address may have changed. */
export function isMisdirected(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false
  return error.failure === 'unreachable' || ['stale_epoch', 'wrong_game'].includes(error.refusal?.code ?? '')
}

/** About the platform's own part of the call, of which a player knows nothing. */
function isInternal({ code }: EngineRefusal): boolean {
  return code === 'stale_epoch' || code === 'wrong_game' || code === 'epoch_required'
}

const stableWord = /^[a-z][a-z0-9_]{0,63}$/
