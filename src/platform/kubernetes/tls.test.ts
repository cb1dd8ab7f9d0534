import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { createCertificate } from '../certificate/index.ts'
import { loadKubeConfig } from './config.ts'
import { callApi } from './transport.ts'

const now = new Date()
const ofServer = createCertificate(['kubernetes'], now)
const ofClient = createCertificate(['somebody'], now)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const trusting = { 'certificate-authority-data': base64(ofServer.certificate), 'tls-server-name': 'kubernetes' }

/** An API server behind TLS that answers with the name in its client's certificate. */
async function startTlsApi() {
  const server = createServer(
    { cert: ofServer.certificate, key: ofServer.key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerCertificate()
      response.end(JSON.stringify({ client: certificate?.subjectaltname ?? 'nobody' }))
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-tls-'))
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true })
  })
  const address = server.address()
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const write = (name: string, text: string) => writeFile(join(dir, name), text)
  return {
    write,
    ask: async ({ cluster = {}, user = {} }: { cluster?: object; user?: object }) => {
      const named = { clusters: [{ name: 'a', cluster: { server: url, ...cluster } }], users: [{ name: 'a', user }] }
      const contexts = [{ name: 'a', context: { cluster: 'a', user: 'a' } }]
      await write('config', JSON.stringify({ 'current-context': 'a', ...named, contexts }))
      return callApi(loadKubeConfig({ path: join(dir, 'config') }), { method: 'GET', path: '/' }, 10_000)
    },
  }
}

it('a server is believed by its authority, under the name that the kubeconfig says', async () => {
  const { ask } = await startTlsApi()
  expect(await ask({ cluster: trusting })).toEqual({ client: 'nobody' })
  await expect(ask({ cluster: { ...trusting, 'tls-server-name': 'other' } })).rejects.toThrow(/altnames/)
  const stranger = { 'certificate-authority-data': base64(ofClient.certificate) }
  await expect(ask({ cluster: { ...trusting, ...stranger } })).rejects.toThrow(/certificate/)
  await expect(ask({})).rejects.toThrow(/certificate/)
})

it('a server is believed whatever it shows where the kubeconfig says so', async () => {
  const { ask } = await startTlsApi()
  expect(await ask({ cluster: { 'insecure-skip-tls-verify': true } })).toEqual({ client: 'nobody' })
})

it("the user's certificate is shown, be it in the kubeconfig or in files beside it", async () => {
  const { ask, write } = await startTlsApi()
  const data = { 'client-certificate-data': base64(ofClient.certificate), 'client-key-data': base64(ofClient.key) }
  expect(await ask({ cluster: trusting, user: data })).toEqual({ client: 'DNS:somebody' })
  await write('cert.pem', ofClient.certificate)
  await write('key.pem', ofClient.key)
  const files = { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' }
  expect(await ask({ cluster: trusting, user: files })).toEqual({ client: 'DNS:somebody' })
})
