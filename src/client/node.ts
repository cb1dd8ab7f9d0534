import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { z } from 'zod'
import { makeFolder } from '../platform/files.ts'
import { createHttp2Sessions } from '../platform/http2-sessions.ts'
import { base64Of, bytesOfBase64 } from './bytes.ts'
import { type DeviceKey, type DeviceKeyStore, deviceKeyOf } from './device-key.ts'

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, 'grpc-web': createGrpcWebTransport }

export type NodeTransportOptions = {
  /** Where the gateway's authenticated interface is. */
  url: string
  protocol?: keyof typeof transports
}

/** No answer of the gateway is larger; a larger one is not read. */
const readMaxBytes = 4 * 1024 * 1024

/**
 * A connection over HTTP/2, opened when it is first needed; disposing of it ends what still runs. A connection that does
 * not answer pings is given up, so that what waits on it fails.
 */
export function createNodeTransport({ url, protocol = 'connect' }: NodeTransportOptions): Transport & Disposable {
  const sessionManager = createHttp2Sessions(url, { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 })
  const transport = transports[protocol]({ baseUrl: url, httpVersion: '2', sessionManager, readMaxBytes })
  return { ...transport, [Symbol.dispose]: () => sessionManager.abort() }
}

const StoredFile = z.object({ private_key: z.string(), device_session_id: z.string().optional() })

/**
 * Keeps the key (PKCS#8) and the session in one file that only its owner can read. A crash leaves the old file or the new
 * one. The key given to `save` must be extractable.
 */
export function createFileKeyStore(path: string): DeviceKeyStore {
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      if (text === undefined) return undefined
      const stored = StoredFile.parse(JSON.parse(text))
      return { key: await importedKey(stored.private_key), deviceSessionId: stored.device_session_id }
    },
    save: async ({ key, deviceSessionId }) => {
      const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', key.keyPair.privateKey))
      const stored = { private_key: base64Of(pkcs8), device_session_id: deviceSessionId }
      await makeFolder(dirname(path), { mode: 0o700 })
      await replaceFile(path, `${JSON.stringify(stored, null, 2)}\n`)
    },
  }
}

async function importedKey(pkcs8: string): Promise<DeviceKey> {
  const algorithm = { name: 'Ed25519' }
  const privateKey = await crypto.subtle.importKey('pkcs8', bytesOfBase64(pkcs8), algorithm, true, ['sign'])
  const { kty, crv, x } = await crypto.subtle.exportKey('jwk', privateKey)
  if (!kty || !crv || !x) throw new TypeError('the key has no public part')
  const publicKey = await crypto.subtle.importKey('jwk', { kty, crv, x }, algorithm, true, ['verify'])
  return deviceKeyOf({ privateKey, publicKey })
}

/** The SDK stands alone, so it has no part in the platform's own way of writing files. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await using file = await open(temporary, 'wx', 0o600)
    await file.writeFile(content)
    await file.sync()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
