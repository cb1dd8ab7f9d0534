import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { Agent } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import { createControllerClient } from './controller-client.ts'

const dispatcher = new Agent()
afterAll(() => dispatcher.destroy())
const key = { namespace: 'default', name: 'andromeda' }

/** Controllers that answer so, and what they were asked. */
async function controllers(status: number, body: unknown) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const baseUrl = `http://127.0.0.1:${port}`
  return {
    asked,
    client: createControllerClient({ baseUrl, serviceToken: 'secret', dispatcher }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a call to the controllers', () => {
  it('wakes a game with the credential and the deadline', async () => {
    const place = { endpoint: 'http://127.0.0.1:1', epoch: 4 }
    await using to = await controllers(200, place)
    expect(await to.client.wake(key, 1234.5)).toEqual(place)
    expect(to.asked).toMatchObject([
      {
        method: 'POST',
        url: '/api/v1/internal/games/andromeda/wake?namespace=default',
        headers: { authorization: 'Bearer secret', 'x-request-timeout-ms': '1235' },
      },
    ])
  })

  it('tells that a game is played', async () => {
    await using to = await controllers(200, { name: 'andromeda', namespace: 'default' })
    await to.client.reportActivity(key, 1000)
    expect(to.asked).toMatchObject([{ url: '/api/v1/internal/games/andromeda/activity?namespace=default' }])
  })

  it.each([
    { status: 504, body: { code: 'wake_timeout' }, why: 'the controllers answered 504 to wake' },
    { status: 200, body: { endpoint: 'here' }, why: 'Invalid URL' },
  ])('fails when it is answered by $status $body', async ({ status, body, why }) => {
    await using to = await controllers(status, body)
    await expect(to.client.wake(key, 1000)).rejects.toThrow(why)
  })
})
