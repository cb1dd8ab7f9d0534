import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createPorts, listenerNames, portProblem } from './ports.ts'

describe('the ports', () => {
  it('are the documented ones by default, on loopback', () => {
    const ports = createPorts('default')
    expect(ports.address('kubeApi')).toEqual({ host: '127.0.0.1', port: 8086 })
    expect(ports.address('controller')).toEqual({ host: '127.0.0.1', port: 8083 })
    expect(ports.address('api')).toEqual({ host: '127.0.0.1', port: 8084 })
  })

  it('are all different, and none is the one where kubectl looks without a kubeconfig', () => {
    const ports = createPorts('default')
    const all = listenerNames.map((name) => ports.address(name).port)
    expect(new Set(all).size).toBe(all.length)
    expect(all).not.toContain(8080)
  })

  it('stay the same for a part that is started again', () => {
    const ports = createPorts('random')
    expect(ports.address('kubeApi').port).toBe(0)
    ports.learn('kubeApi', 'http://127.0.0.1:40123')
    expect(ports.address('kubeApi').port).toBe(40_123)
  })

  it('that somebody else has are told of by part and number', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    const address = { host: '127.0.0.1', port }
    const said = await portProblem('controller', address)
    expect(said).toContain(`port ${port} of the controller is taken by another program`)
    await new Promise((resolve) => server.close(resolve))
    await expect(portProblem('controller', address)).resolves.toBeUndefined()
  })
})
