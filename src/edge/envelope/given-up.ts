/** A reservation attempt that was given up, so that the call was refused, and that may have reserved all the same. */
export type GivenUp = {
  key: string
  token: string
  /** By the store's clock: the store ignores the attempt when it arrives later. */
  notAfterMs: number
  /** By the local clock: no reservation that it made is left. */
  expiresMs: number
}

export type GivenUpAttempts = {
  add: (attempt: GivenUp) => void
  remove: (attempt: Pick<GivenUp, 'key' | 'token'>) => void
  /** Tokens of attempts for this key: their reservations may be taken over. */
  tokensOf: (key: string) => string[]
  /** Attempts that can change nothing any more, so that their reservations can be removed for good. */
  settled: (storeMs: number, localMs: number) => GivenUp[]
}

/** Remembers attempts with an unknown outcome; of more than `max` the oldest are forgotten, and stay reserved. */
export function createGivenUpAttempts(max = 20_000): GivenUpAttempts {
  const byToken = new Map<string, GivenUp>()
  const byKey = new Map<string, Set<string>>()

  function remove({ key, token }: Pick<GivenUp, 'key' | 'token'>): void {
    byToken.delete(token)
    const tokens = byKey.get(key)
    tokens?.delete(token)
    if (tokens?.size === 0) byKey.delete(key)
  }

  return {
    add(attempt) {
      byToken.set(attempt.token, attempt)
      byKey.set(attempt.key, (byKey.get(attempt.key) ?? new Set()).add(attempt.token))
      const [oldest] = byToken.size > max ? byToken.values() : []
      if (oldest) remove(oldest)
    },
    remove,
    tokensOf: (key) => [...(byKey.get(key) ?? [])],
    settled(storeMs, localMs) {
      for (const attempt of byToken.values()) if (attempt.expiresMs <= localMs) remove(attempt)
      return [...byToken.values()].filter(({ notAfterMs }) => notAfterMs < storeMs)
    },
  }
}
