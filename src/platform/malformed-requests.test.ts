import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createCertificate } from './certificate/index.ts'
import { openListener, openSocket } from './connect-listener/fixtures.ts'
import { slowClientLimits } from './connect-listener/index.ts'
import { createHttpApp, listen } from './http.ts'
import { silentLog } from './log.ts'

const malformed = [
  { what: 'a method that is none', said: 'GE\u0001T / HTTP/1.1\r\n\r\n', status: 400, code: 'malformed_request' },
  { what: 'a version that is none', said: 'GET / HTTP/9.9\r\n\r\n', status: 400, code: 'malformed_request' },
  {
    what: 'two lengths',
    said: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    status: 400,
    code: 'malformed_request',
  },
  { what: 'no host', said: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', status: 400, code: 'malformed_request' },
  {
    what: 'headers that are too large',
    said: `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    status: 431,
    code: 'headers_too_large',
  },
  {
    what: 'an expectation that cannot be met',
    said: 'GET / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n',
    status: 417,
    code: 'unknown_expectation',
  },
  { what: 'half a request', said: 'GET / HTTP/1.1\r\nHost: x\r\n', status: 408, code: 'request_timeout' },
]

async function openApp() {
  const app = createHttpApp({ log: silentLog })
  Object.assign(app.server, slowClientLimits)
  app.get('/:name', async () => ({}))
  return listen(app, { host: '127.0.0.1', port: 0 }, 'test')
}

/** The one answer in what a socket has heard. */
function answerIn(heard: string) {
  const [head = '', body = '', ...more] = heard.split('\r\n\r\n')
  expect(more).toEqual([])
  return { head, document: JSON.parse(body) }
}

describe.each([
  { listener: 'an HTTP listener', open: openApp },
  { listener: 'a Connect listener', open: () => openListener() },
])('$listener', ({ open, listener }) => {
  it.each(malformed)(
    'answers $what with a problem document, and closes the connection',
    async ({ said, status, code }) => {
      await using opened = await open()
      const { say, heard, closed } = openSocket(opened.port)
      say(said)
      await closed
      // Without a Host a path that is unknown is unknown.
      const expected =
        code === 'malformed_request' && !said.includes('Host') && listener.includes('Connect') ? [400, 404] : [status]
      const { head, document } = answerIn(heard())
      expect(head.toLowerCase()).toContain('content-type: application/problem+json')
      expect(expected).toContain(document.status)
      expect(head).toContain(`HTTP/1.1 ${document.status} `)
      if (document.status === status) expect(document).toMatchObject({ type: 'about:blank', code })
    },
  )
})

describe('a Connect listener behind TLS', () => {
  it('answers a malformed request with a problem document', async () => {
    const { certificate: cert, key } = createCertificate(['localhost'], new Date())
    await using listener = await openListener({ tls: { cert, key } })
    const socket = connectTls({
      host: '127.0.0.1',
      port: listener.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    await once(socket, 'secureConnect')
    socket.write('nonsense\r\n\r\n')
    const heard = Buffer.concat(await socket.toArray()).toString()
    expect(answerIn(heard).document).toMatchObject({ status: 400, code: 'malformed_request' })
  })
})

describe('an HTTP listener', () => {
  it.each([
    { what: 'a path that cannot be decoded', path: '/%zz', status: 400 },
    { what: 'a parameter that is too long', path: `/${'x'.repeat(200)}`, status: 414 },
  ])('answers $what with a problem document', async ({ path, status }) => {
    await using opened = await openApp()
    const answer = await fetch(opened.url + path)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status, code: 'invalid_input' })
  })

  it('writes no second answer into one that has begun', async () => {
    const app = createHttpApp({ log: silentLog })
    app.get('/', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-length': '10' })
      reply.raw.write('12345')
    })
    await using opened = await listen(app, { host: '127.0.0.1', port: 0 }, 'test')
    const { say, heard, closed } = openSocket(opened.port)
    say('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(heard).toContain('12345')
    say('nonsense\r\n\r\n')
    await closed
    expect(heard()).toMatch(/12345$/)
  })
})
