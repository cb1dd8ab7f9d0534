import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Agent } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { parseExactJson } from '../platform/exact-json.ts'
import { createEngineTransport } from './transport.ts'

const server = createServer((request, response) => {
  void text(request).then((body) => response.end(body))
})
const dispatcher = new Agent()
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  await dispatcher.close()
  server.close()
})

/** What an engine that answers what it was sent makes of a body. */
function echo<T extends z.ZodType>(body: string, answer: T) {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const engine = { endpoint: `http://127.0.0.1:${port}`, epoch: 1, gameId: 'g' }
  const call = createEngineTransport(dispatcher)
  return call(engine, { method: 'POST', path: '/', body: parseExactJson(body), answer }, { timeoutMs: 10_000 })
}

it('settings, orders and reports go to an engine and come back with all digits of their numbers', async () => {
  const opaque = '{"settings":{"mapId":9007199254740993,"at":[1764547200123456789]}}'
  expect(JSON.stringify(await echo(opaque, z.record(z.string(), z.unknown())))).toBe(opaque)
})

it("an engine may write more digits than a number of the contract's own has", async () => {
  expect(await echo('{"population":0.1000000000000000055511}', z.object({ population: z.number() }))).toEqual({
    population: 0.1,
  })
})
