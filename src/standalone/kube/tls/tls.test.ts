import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { get as getTls } from 'node:https'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerTlsToo, createCertificate } from './index.ts'

const own = createCertificate(['localhost', '127.0.0.1', '::1', '2001:db8::8:800:200c:417a'], new Date())

describe('a certificate', () => {
  const read = new X509Certificate(own.certificate)

  it('is for its hosts, and for no others', () => {
    expect(read.checkHost('localhost')).toBe('localhost')
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(read.checkIP('::1')).toBe('::1')
    expect(read.checkIP('2001:db8::8:800:200c:417a')).toBeDefined()
    expect(read.checkIP('127.0.0.2')).toBeUndefined()
  })

  it('is signed by itself and an authority', () => {
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.ca).toBe(true)
  })

  it('is valid now and for years', () => {
    expect(read.validFromDate.getTime()).toBeLessThan(Date.now())
    expect(read.validToDate.getTime()).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000)
  })

  it('has a serial number of its own', () => {
    const other = new X509Certificate(createCertificate(['localhost'], new Date()).certificate)
    expect(other.serialNumber).not.toBe(read.serialNumber)
  })
})

describe('plain HTTP and TLS on one port', () => {
  let server: Server
  let port = 0
  let both: Disposable
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.on('data', () => undefined).on('end', () => response.end(`hello ${request.url}`))
    })
    both = answerTlsToo(server, own)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' && address ? address.port : 0
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const body = async (response: AsyncIterable<unknown>) => {
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return text
  }

  it('answers plain HTTP', async () => {
    const [response] = await once(get(`http://127.0.0.1:${port}/plain`), 'response')
    expect(await body(response)).toBe('hello /plain')
  })

  it('answers TLS to clients that trust the certificate', async () => {
    const [response] = await once(
      getTls(`https://127.0.0.1:${port}/tls`, { ca: own.certificate, agent: false }),
      'response',
    )
    expect(await body(response)).toBe('hello /tls')
  })

  it('survives clients that say nonsense, or nothing', async () => {
    const nonsense = connect(port, '127.0.0.1')
    nonsense.on('error', () => undefined)
    nonsense.write(Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff, 0, 0, 0]))
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    silent.destroy()
    const [response] = await once(get(`http://127.0.0.1:${port}/after`), 'response')
    expect(await body(response)).toBe('hello /after')
    nonsense.destroy()
  })

  it('closes although a client has not said anything, or only half of it', async () => {
    const silent = connect(port, '127.0.0.1')
    const half = connect(port, '127.0.0.1')
    half.write(Buffer.from([0x16]))
    await Promise.all([once(silent, 'connect'), once(half, 'connect')])
    await once(get(`http://127.0.0.1:${port}/served`), 'response')
    const closed = once(server, 'close')
    server.close()
    both[Symbol.dispose]()
    await expect(closed).resolves.toEqual([])
  })
})
