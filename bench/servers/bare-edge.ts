import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { Redis } from 'ioredis'
import { Agent } from 'undici'
import { EdgeGateway } from '../../src/gen/galaxy/gateway/v1/gateway_pb.ts'
import { requestSigningInput, responseSigningInput, spkiOf } from '../../src/signing/index.ts'
import { serveUntilSignalled } from './serving.ts'

/**
 * The ceiling: the parts of a signed command by hand and nothing else. A bare Connect handler, SHA-256, Ed25519 verify
 * and sign, one Redis SET, two keep-alive HTTP calls.
 */
const [backend = '', redisUrl = '', devicePublicKey = '', signerPem = ''] = process.argv.slice(2)

const deviceKey = createPublicKey({
  key: Buffer.from(spkiOf(Buffer.from(devicePublicKey, 'base64'))),
  format: 'der',
  type: 'spki',
})
const signer = createPrivateKey(signerPem)
const agent = new Agent({ connections: 64 })
const redis = new Redis(redisUrl)

async function get(path: string): Promise<Buffer> {
  const { body } = await agent.request({ origin: backend, path, method: 'GET' })
  return Buffer.from(await body.arrayBuffer())
}

const handler = connectNodeAdapter({
  routes: (router) =>
    router.rpc(EdgeGateway.method.executeCommand, async (request) => {
      JSON.parse((await get(`/api/v1/internal/sessions/${request.deviceSessionId}`)).toString())
      const payloadHash = hash('sha256', request.payloadBytes, 'buffer')
      const input = requestSigningInput({
        audience: 'galaxy',
        procedure: '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand',
        protocolVersion: request.protocolVersion,
        deviceSessionId: request.deviceSessionId,
        requestId: request.requestId,
        messageType: request.messageType,
        timestampMs: request.timestampMs,
        payloadHash,
      })
      if (!verify(null, input, deviceKey, request.signature)) throw new Error('bad signature')
      await redis.set(`bare:${request.deviceSessionId}:${request.requestId}`, '1', 'PX', 120_000, 'NX')
      const payloadBytes = new Uint8Array(await get('/api/v1/user/account'))
      const answer = {
        keyId: '0000000000000000',
        requestId: request.requestId,
        timestampMs: BigInt(Date.now()),
        resultCode: 'ok',
        payloadHash: new Uint8Array(hash('sha256', payloadBytes, 'buffer')),
      }
      const requestHash = hash('sha256', input, 'buffer')
      const signature = new Uint8Array(sign(null, responseSigningInput({ ...answer, requestHash }), signer))
      return { protocolVersion: 'v1', ...answer, payloadBytes, signature }
    }),
})

await serveUntilSignalled(handler, async () => {
  redis.disconnect()
  await agent.destroy()
})
