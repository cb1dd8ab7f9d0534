import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { ConnectError, createClient } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { describe, expect, it } from 'vitest'
import { EdgeGateway } from '../../gen/galaxy/gateway/v1/gateway_pb.ts'
import { sleep } from '../clock.ts'
import { silentLog } from '../log.ts'
import { openListener, openSocket, run } from './fixtures.ts'
import { listenConnect } from './listener.ts'

const minute = 60_000

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )

describe('closing gracefully', () => {
  it.each([
    { by: 'HTTP/1.1', open: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: '1.1' }) },
    { by: 'HTTP/2', open: (baseUrl: string) => createGrpcTransport({ baseUrl }) },
  ])('lets a running call over $by end, and accepts no other (abuse 81)', async ({ open }) => {
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<string>()
    await using listener = await openListener({}, () => {
      begun.resolve()
      return end.promise
    })
    const running = run(open(listener.url), 'x')
    await begun.promise
    const closed = listener.closeGracefully(minute)
    await expect(run(open(listener.url), 'y')).rejects.toThrow(/ECONNREFUSED/)
    end.resolve('done')
    expect((await running).resultCode).toBe('done')
    await closed
  })

  it('does not wait for those who ask nothing', async () => {
    await using listener = await openListener()
    const silent = openSocket(listener.port)
    const session = connectHttp2(listener.url)
    await Promise.all([once(session, 'remoteSettings'), once(silent.socket, 'connect')])
    const kept = await fetch(listener.url)
    await kept.text()
    const toldToGo = once(session, 'goaway')
    await Promise.all([listener.closeGracefully(minute), toldToGo, silent.closed])
    expect(silent.heard()).toBe('')
  })

  it('cuts what has not ended by the deadline', async () => {
    await using listener = await openListener({}, () => new Promise(() => undefined))
    const transport = createConnectTransport({ baseUrl: listener.url, httpVersion: '1.1' })
    const stream = createClient(EdgeGateway, transport).subscribeEvents({})[Symbol.asyncIterator]()
    expect((await stream.next()).value?.eventType).toBe('gateway.server_time')
    const running = failureOf(run(transport, 'x'))
    await expect.poll(() => listener.calls.length).toBe(1)
    await listener.closeGracefully(20)
    expect(await running).toBeInstanceOf(ConnectError)
    expect(await failureOf(stream.next())).toBeInstanceOf(ConnectError)
  })

  it('takes the deadline that it was told last', async () => {
    const end = Promise.withResolvers<string>()
    await using listener = await openListener({}, () => end.promise)
    const running = run(createGrpcTransport({ baseUrl: listener.url }), 'x')
    await expect.poll(() => listener.calls.length).toBe(1)
    const closed = listener.closeGracefully(50)
    void listener.closeGracefully(minute)
    const isCut = await Promise.race([closed.then(() => true), sleep(200).then(() => false)])
    end.resolve('done')
    expect(isCut).toBe(false)
    expect((await running).resultCode).toBe('done')
    await closed
  })

  it('is cut short by disposing of the listener', async () => {
    const listener = await openListener({}, () => new Promise(() => undefined))
    const running = failureOf(run(createGrpcTransport({ baseUrl: listener.url }), 'x'))
    await expect.poll(() => listener.calls.length).toBe(1)
    const closed = listener.closeGracefully(minute)
    await listener[Symbol.asyncDispose]()
    await closed
    expect(await running).toBeInstanceOf(ConnectError)
  })
})

describe('an address that is taken', () => {
  it('refuses the start, naming the setting', async () => {
    await using listener = await openListener()
    const address = { host: '127.0.0.1', port: listener.port }
    const limits = { readMaxBytes: 1, writeMaxBytes: 1, maxTimeoutMs: 1 }
    const second = listenConnect({ address, setting: 'setting X', limits, routes: () => undefined, log: silentLog })
    await expect(second).rejects.toMatchObject({ name: 'StartupError', message: expect.stringMatching(/^setting X: /) })
  })
})
