import pg from 'pg'
import { messageOf } from '../../platform/errors.ts'

const deadlineMs = 2000
/** SQLSTATE `cannot_connect_now`: it starts, recovers or stops. */
const startingUp = '57P03'

/** `refused`: Postgres has answered, and will answer the same for ever. */
export type Attempt = { ready: boolean; refused: boolean; problem: string }

/** Whether the database can be used now. */
export async function tryConnection(url: string): Promise<Attempt> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: deadlineMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return { ready: true, refused: false, problem: '' }
  } catch (error) {
    const refused = error instanceof pg.DatabaseError && error.code !== startingUp
    return { ready: false, refused, problem: messageOf(error) }
  } finally {
    await client.end().catch(() => undefined)
  }
}
