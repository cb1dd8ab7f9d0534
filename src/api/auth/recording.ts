import type { DatabasePool } from 'slonik'

const queryMethods = new Set(['any', 'exists', 'many', 'maybeOne', 'maybeOneFirst', 'one', 'oneFirst', 'query'])

/** A pool that writes down each statement, without its values, whether in a transaction or not. */
export function recording(pool: DatabasePool): { db: DatabasePool; statements: string[] } {
  const statements: string[] = []
  const record = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (from, name): unknown => {
        const member: unknown = Reflect.get(from, name)
        if (typeof member !== 'function') return member
        return (...[first, ...others]: unknown[]): unknown => {
          if (typeof name === 'string' && queryMethods.has(name)) statements.push(textOf(first))
          const handed = name === 'transaction' && typeof first === 'function' ? recordedHandler(first) : first
          return Reflect.apply(member, from, [handed, ...others])
        }
      },
    })
  const recordedHandler = (handler: object) => (connection: object) =>
    Reflect.apply(Object(handler), undefined, [record(connection)])
  return { db: record(pool), statements }
}

function textOf(query: unknown): string {
  return typeof query === 'object' && query !== null && 'sql' in query ? String(query.sql).replace(/\s+/g, ' ') : ''
}
