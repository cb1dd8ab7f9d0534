import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectHttp2 } from 'node:http2'
import { create } from '@bufbuild/protobuf'
import { createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EdgeGateway, GatewayEventSchema } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { bodyWithinMs, firstBytesWithinMs, lifeSignMs } from './limits.ts'
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
    vi.useRealTimers()
    const closed = once(slow, 'close')
    expect(Buffer.concat(await slow.toArray()).toString()).toContain('deadline_exceeded')
    await closed
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

describe('a client that takes nothing', () => {
  /** A stream that never runs dry, and whether its call is over. */
  async function openFlood() {
    const over = Promise.withResolvers<void>()
    let sent = 0
    const listener = await openListener({
      routes: (router) =>
        router.service(EdgeGateway, {
          async *subscribeEvents(_request, { signal }) {
            signal.addEventListener('abort', () => over.resolve())
            for (;;) {
              yield create(GatewayEventSchema, { payloadBytes: new Uint8Array(6_000) })
              sent += 1
            }
          },
        }),
    })
    /** Until the last write waits for the client. */
    const stuck = async () => {
      await expect.poll(() => sent).toBeGreaterThan(0)
      for (let before = -1; before !== sent; await delay(100)) before = sent
    }
    return { listener, over: over.promise, stuck, sent: () => sent }
  }

  const subscribe = { 'content-type': 'application/connect+json' }
  const message = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('{}')])

  function subscribeWithoutReading(port: number) {
    const client = openSocket(port)
    client.socket.pause()
    client.say(`POST ${subscription} HTTP/1.1\r\nHost: x\r\nContent-Type: application/connect+json\r\n`)
    client.say(`Content-Length: ${message.length}\r\n\r\n${message.toString('latin1')}`)
    return client
  }

  it('of an event stream over HTTP/1.1 is cut off, and its call ends (abuse 73)', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { listener, over, stuck } = await openFlood()
    await using _listener = listener
    const { socket, closed } = subscribeWithoutReading(listener.port)
    await stuck()
    vi.advanceTimersByTime(lifeSignMs)
    expect(await Promise.race([over, delay(50, 'open')])).toBe('open')
    vi.advanceTimersByTime(lifeSignMs)
    await over
    socket.resume()
    await closed
    expect(socket.destroyed).toBe(true)
  })

  it('of an event stream over HTTP/2 loses the stream, and only that (abuse 73)', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { listener, over, stuck } = await openFlood()
    await using _listener = listener
    const session = connectHttp2(listener.url)
    const stream = session.request({ ':method': 'POST', ':path': subscription, ...subscribe })
    stream.on('error', () => undefined).pause()
    stream.end(message)
    await stuck()
    // What answers pings is alive.
    for (let n = 0; n < 2; n += 1) {
      vi.advanceTimersByTime(lifeSignMs)
      await new Promise((resolve) => session.ping(resolve))
    }
    await over
    expect(session.destroyed).toBe(false)
    session.destroy()
  })

  it('but reads on in time is not cut off', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { listener, stuck, sent } = await openFlood()
    await using _listener = listener
    const { socket } = subscribeWithoutReading(listener.port)
    for (let n = 0; n < 3; n += 1) {
      await stuck()
      vi.advanceTimersByTime(lifeSignMs)
      const before = sent()
      socket.resume()
      await expect.poll(sent).toBeGreaterThan(before + 100)
      socket.pause()
    }
    expect(socket.destroyed).toBe(false)
    socket.destroy()
  })

  it('and does not answer pings either is gone: its connection is ended, and its calls', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using listener = await openListener()
    const { socket, closed } = openSocket(listener.port)
    const path = Buffer.from(subscription)
    const block = Buffer.concat([
      Buffer.from([0x83, 0x86, 0x44, path.length]),
      path,
      Buffer.from([0x41, 1, 0x78, 0x5f, subscribe['content-type'].length]),
      Buffer.from(subscribe['content-type']),
    ])
    socket.write(Buffer.concat([preface, frame({ type: settings, stream: 0 })]))
    socket.write(frame({ type: headers, flags: endOfHeaders, stream: 1, payload: block }))
    socket.write(frame({ type: data, flags: endOfStream, stream: 1, payload: message }))
    // Its first event.
    await once(socket, 'data')
    await delay(100)
    vi.advanceTimersByTime(lifeSignMs)
    expect(socket.destroyed).toBe(false)
    vi.advanceTimersByTime(lifeSignMs)
    await closed
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
const [data, settings, headers, reset] = [0, 4, 1, 3]
const subscription = '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'
const endOfStream = 0x1
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
