import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EdgeGateway } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { bodyWithinMs, firstBytesWithinMs } from './limits.ts'
import { openListener, openSocket, procedure, run } from './fixtures.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a slow client', () => {
  it.each([
    { what: 'nothing', said: '' },
    { what: 'half an HTTP/2 preface', said: 'PRI * HTT' },
  ])('that says $what is cut off after two seconds (abuse 5)', async ({ said }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using listener = await openListener()
    const { socket, say, closed } = openSocket(listener.port)
    await once(socket, 'connect')
    if (said) say(said)
    // Another connection has been answered: the first has been accepted.
    await fetch(listener.url)
    vi.advanceTimersByTime(firstBytesWithinMs - 1)
    expect(socket.closed).toBe(false)
    vi.advanceTimersByTime(1)
    await closed
    expect(socket.destroyed).toBe(true)
  })

  it('that drips its headers is cut off after five seconds, and nobody else notices (abuse 5)', async () => {
    await using listener = await openListener()
    const { say, heard, closed } = openSocket(listener.port)
    say(`POST ${procedure} HTTP/1.1\r\nHost: x\r\n`)
    const dripping = setInterval(() => say('X: y\r\n'), 500)
    const transport = createConnectTransport({ baseUrl: listener.url, httpVersion: '1.1' })
    expect((await run(transport, 'x')).resultCode).toBe('x')
    await closed
    clearInterval(dripping)
    expect(heard()).toMatch(/^HTTP\/1\.1 408/)
  }, 10_000)

  it('that drips a body over HTTP/2 loses its stream, and only that (abuse 5)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using listener = await openListener()
    const session = connectHttp2(listener.url)
    const request = () => session.request({ ':method': 'POST', ':path': procedure, 'content-type': 'application/json' })
    const slow = request()
    slow.write('{')
    const other = request()
    other.end('{}')
    await once(other, 'response')
    vi.advanceTimersByTime(bodyWithinMs)
    await once(slow, 'close')
    expect(session.destroyed).toBe(false)
    session.destroy()
  })

  it('is not one that has said everything and listens', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using listener = await openListener()
    for (const open of [createConnectTransport, createGrpcTransport, createGrpcWebTransport]) {
      const transport = open({ baseUrl: listener.url, httpVersion: '2' })
      const events = createClient(EdgeGateway, transport).subscribeEvents({})[Symbol.asyncIterator]()
      await events.next()
      const ended = events.next().then(
        () => true,
        () => true,
      )
      vi.advanceTimersByTime(2 * bodyWithinMs)
      // A round trip on the same connection: what happened to the stream before it is known.
      await run(transport, 'x')
      expect(await Promise.race([ended, Promise.resolve(false)])).toBe(false)
    }
  })

  it('that closes its side of an HTTP/2 connection ends it', async () => {
    await using listener = await openListener()
    const { socket, say, closed } = openSocket(listener.port)
    say(preface.toString('latin1'))
    await once(socket, 'data')
    socket.end()
    await closed
    expect(socket.destroyed).toBe(true)
  })
})

describe('a client that resets what it has asked for', () => {
  it('again and again is sent away (abuse 6)', async () => {
    await using listener = await openListener()
    const { socket, closed } = openSocket(listener.port)
    socket.write(Buffer.concat([preface, frame({ type: settings, stream: 0 })]))
    for (let stream = 1; stream < 2_000; stream += 2) {
      socket.write(frame({ type: headers, flags: endOfHeaders, stream, payload: getSlash }))
      socket.write(frame({ type: reset, stream, payload: Buffer.from([0, 0, 0, cancel]) }))
    }
    await closed
    const transport = createConnectTransport({ baseUrl: listener.url, httpVersion: '2' })
    expect((await run(transport, 'x')).resultCode).toBe('x')
  })
})

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const [settings, headers, reset] = [4, 1, 3]
const endOfHeaders = 0x4
const cancel = 8
/** `GET http://x/` in HPACK. */
const getSlash = Buffer.from([0x82, 0x86, 0x84, 0x41, 1, 0x78])

type Frame = { type: number; flags?: number; stream: number; payload?: Buffer }

function frame({ type, flags = 0, stream, payload = Buffer.alloc(0) }: Frame): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
