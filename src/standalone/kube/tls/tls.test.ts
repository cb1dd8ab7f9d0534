import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { get as getTls } from 'node:https'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCertificate } from '../../../platform/certificate/index.ts'
import { answerTlsToo } from './index.ts'

const own = createCertificate(['localhost', '127.0.0.1'], new Date())

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
