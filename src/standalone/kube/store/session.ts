import pg from 'pg'

/** Any two numbers nobody else uses: the advisory lock of the one writer. */
const lockKey = [0x67616c61, 0x6b756265] as const

/**
 * The one connection that holds the writer's lock and makes every write. Lock and writes share it on purpose: when the
 * connection is lost, so is the ability to write, and no second writer can ever overlap with a first.
 */
export type Session = AsyncDisposable & {
  client: pg.Client
  /** Resolves when the connection is gone. */
  lost: Promise<void>
}

/**
 * Connects and takes the lock.
 * @returns 'taken' when another process holds the lock
 */
export async function openSession(url: string): Promise<Session | 'taken'> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 3000,
    keepAlive: true,
    application_name: 'galaxy-resource-server',
    // A commit that Postgres does not answer for this long counts as a lost connection.
    query_timeout: 15_000,
  })
  const { promise: lost, resolve } = Promise.withResolvers<void>()
  client.on('error', () => resolve())
  client.on('end', () => resolve())
  await client.connect()
  try {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS taken', [
      ...lockKey,
    ])
    if (rows[0]?.taken !== true) {
      await client.end()
      return 'taken'
    }
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  return { client, lost, [Symbol.asyncDispose]: () => client.end().catch(() => undefined) }
}
