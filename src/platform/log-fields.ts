import { AsyncLocalStorage } from 'node:async_hooks'

export type LogFields = Record<string, string | number | undefined>

/** Kept apart from tracing: lines tell what they are about also when nobody collects traces. */
const current = new AsyncLocalStorage<LogFields>()

/** Does the work so that every line that is logged meanwhile, by whatever it calls, has these fields. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return current.run({ ...current.getStore(), ...fields }, work)
}

/** From here on, the lines of the work in progress have these fields, too; undefined takes one away. */
export function noteInLog(fields: LogFields): void {
  const store = current.getStore()
  if (store) Object.assign(store, fields)
}

/** A copy: the log puts a line's own fields over it. */
export function logFieldsFromContext(): LogFields {
  return { ...current.getStore() }
}
