import { fastify } from 'fastify'
import pg from 'pg'
import { runUntilSignalled } from '../../src/platform/lifecycle.ts'

/** The ceiling: Fastify and one `pg` INSERT of the same JSON for each request, nothing else. */
const [databaseUrl = ''] = process.argv.slice(2)

await runUntilSignalled(async () => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 })
  await pool.query(
    'CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb NOT NULL)',
  )
  const app = fastify()
  app.post('/objects', async ({ body }, reply) => {
    await pool.query('INSERT INTO bare (body) VALUES ($1)', [JSON.stringify(body)])
    return reply.code(201).send(body)
  })
  console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
  return {
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await pool.end()
    },
  }
})
