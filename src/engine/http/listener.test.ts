import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { pino } from 'pino'
import { silentLog } from '../../platform/log.ts'
import type { Route } from './answer.ts'
import { openListener } from './listener.ts'

const echo: Route = async ({ body, query }) => JSON.stringify({ body: await body(), query })

function open(routes: Readonly<Record<string, Route>> = { 'GET /echo': echo, 'PUT /echo': echo }, log = silentLog) {
  return openListener({ routes: new Map(Object.entries(routes)), address: { host: '127.0.0.1', port: 0 }, log })
}

/** A logger whose lines can be read. */
function kept(level: string) {
  const lines: Record<string, unknown>[] = []
  return { lines, log: pino({ level }, { write: (line) => void lines.push(JSON.parse(line)) }) }
}

const put = (body: string, type = 'application/json') => ({ method: 'PUT', body, headers: { 'content-type': type } })

describe('a call', () => {
  it('is answered as JSON by the route of its method and path', async () => {
    await using listener = await open()
    const answer = await fetch(
      `${listener.url}/echo?a=1&b=x%20y+z&a=2`,
      put('{"n": [1]}', 'application/json; charset=utf-8'),
    )
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await answer.json()).toEqual({ body: { n: [1] }, query: { a: ['1', '2'], b: 'x y z' } })
  })

  it('for the head only gets the length of what there is', async () => {
    await using listener = await open()
    const answer = await fetch(`${listener.url}/echo`, { method: 'HEAD' })
    expect({ status: answer.status, length: answer.headers.get('content-length') }).toEqual({
      status: 200,
      length: '12',
    })
  })

  it.each([
    { what: 'to nowhere', path: '/nowhere', status: 404, code: 'not_found' },
    { what: 'of another method', init: { method: 'POST' }, status: 404, code: 'not_found' },
    { what: 'to what every object has', path: '/constructor', status: 404, code: 'not_found' },
    { what: 'with half an object', init: put('{"a":'), status: 400, code: 'invalid_input' },
    { what: 'with an empty body', init: put(''), status: 400, code: 'invalid_input' },
    { what: 'with a prototype', init: put('{"a": {"\\u005f_proto__": {}}}'), status: 400, code: 'invalid_input' },
    { what: 'with a text', init: put('{}', 'text/plain'), status: 415, code: 'invalid_input' },
    {
      what: 'with what only begins like JSON',
      init: put('{}', 'application/jsonp'),
      status: 415,
      code: 'invalid_input',
    },
    { what: 'with too much', init: put(`"${'x'.repeat(1_048_576)}"`), status: 413, code: 'invalid_input' },
  ])('$what is refused with $status', async ({ path = '/echo', init = {}, status, code }) => {
    await using listener = await open()
    const answer = await fetch(`${listener.url}${path}`, init)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status, code })
    expect((await fetch(`${listener.url}/echo`)).status).toBe(200)
  })

  it('with too much, of a length that it does not tell, is refused as well', async () => {
    await using listener = await open()
    const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(32)) })
    const headers = { 'content-type': 'application/json' }
    const answer = fetch(`${listener.url}/echo`, { method: 'PUT', body: endless, headers, duplex: 'half' })
    // Who goes on sending may lose the connection before the answer has come.
    expect(await answer.then(({ status }) => status).catch(() => 413)).toBe(413)
    expect((await fetch(`${listener.url}/echo`)).status).toBe(200)
  })

  it('that a bug keeps from being answered is logged whole and answered with nothing of it', async () => {
    const { log, lines } = kept('info')
    await using listener = await open({ 'GET /echo': () => Promise.reject(new Error('a secret')) }, log)
    const answer = await fetch(`${listener.url}/echo`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(lines).toMatchObject([{ level: 50, err: { message: 'a secret' } }])
  })

  it('that is given up in the middle of its body is none of our faults', async () => {
    const { log, lines } = kept('debug')
    await using listener = await open(undefined, log)
    const socket = connect(listener.port, '127.0.0.1')
    socket.write('PUT /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"')
    await once(socket, 'ready')
    socket.end()
    await vi.waitFor(() => expect(lines).toMatchObject([{ level: 20, path: '/echo', status: 400 }]), {
      timeout: 20_000,
    })
  })

  it('is logged when that is wanted, without its query', async () => {
    const { log, lines } = kept('debug')
    await using listener = await open(undefined, log)
    await fetch(`${listener.url}/echo?raceName=Terrans`)
    await vi.waitFor(() => expect(lines).toMatchObject([{ method: 'GET', path: '/echo', status: 200 }]))
    expect(JSON.stringify(lines)).not.toContain('Terrans')
  })
})

describe('a listener that ends', () => {
  it('waits for the calls that are being worked on and turns new ones away', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const begun = vi.fn<() => void>()
    const slow: Route = () => (begun(), promise)
    await using listener = await open({ 'GET /slow': slow, 'GET /echo': echo })
    const answer = fetch(`${listener.url}/slow`)
    await vi.waitFor(() => expect(begun).toHaveBeenCalled())
    const finished = listener.finish(60_000)
    expect(await (await fetch(`${listener.url}/echo`)).json()).toMatchObject({ status: 503, code: 'shutting_down' })
    resolve('"done"')
    expect(await (await answer).json()).toBe('done')
    expect(await finished).toBe(0)
  })

  it('does not wait for one longer than it is told', async () => {
    const begun = vi.fn<() => void>()
    const never: Route = () => (begun(), new Promise(() => undefined))
    const listener = await open({ 'GET /never': never })
    const answer = fetch(`${listener.url}/never`).catch(() => 'cut off')
    await vi.waitFor(() => expect(begun).toHaveBeenCalled())
    expect(await listener.finish(10)).toBe(1)
    await listener[Symbol.asyncDispose]()
    expect(await answer).toBe('cut off')
  })
})

it('a listener whose address is taken says which setting is to be changed', async () => {
  await using listener = await open()
  const address = { host: '127.0.0.1', port: listener.port }
  await expect(openListener({ routes: new Map(), address, log: silentLog })).rejects.toThrow(
    /^GALAXY_ENGINE_PORT: .*EADDRINUSE/,
  )
})
