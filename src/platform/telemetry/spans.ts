import { Refusal } from '../errors.ts'
import { type Attributes, type Scope, scopes, type SpanFacts, type TraceFacts, type Tracer } from './scope.ts'

/** Does the work in a trace of its own, or in one that another process has begun. */
export function inTrace<T>(tracer: Tracer, name: string, facts: TraceFacts, work: () => Promise<T>): Promise<T> {
  return within(tracer.begin(name, facts), work)
}

/** Does the work in a span below the current one; without one it is only done. */
export function inSpan<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
  return within(scopes.getStore()?.child(name, facts), work)
}

/** Adds to what is known about the current span. */
export function noteInSpan(attributes: Attributes): void {
  scopes.getStore()?.note(attributes)
}

/** The function, each call of which is a span. */
export function traced<A extends unknown[], T>(
  name: string,
  work: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return (...args) => inSpan(name, {}, () => work(...args))
}

/** Marks the span as failed, without the error's message: that may repeat what it was given. */
export function failWith(scope: Scope, error: unknown): void {
  if (error instanceof Refusal && isAnswer(error)) scope.note({ 'galaxy.refusal': error.reason })
  else scope.fail(typeOf(error))
}

async function within<T>(scope: Scope | undefined, work: () => Promise<T>): Promise<T> {
  if (!scope) return work()
  try {
    return await scopes.run(scope, work)
  } catch (error) {
    failWith(scope, error)
    throw error
  } finally {
    scope.end()
  }
}

/** A refusal by the rules is none of our failures, and neither is being asked for what there is not (501). */
function isAnswer({ httpStatus }: Refusal): boolean {
  return httpStatus < 500 || httpStatus === 501
}

function typeOf(error: unknown): string {
  if (error instanceof Refusal) return error.reason
  return error instanceof Error ? error.name : typeof error
}
