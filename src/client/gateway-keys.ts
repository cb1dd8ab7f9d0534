import { z } from 'zod'
import { isTrustworthyPublicKey, spkiOf } from '../signing/index.ts'
import { bytesOfBase64, hexOf, sha256 } from './bytes.ts'
import type { ClientClock } from './clock.ts'
import { GatewayUntrusted } from './errors.ts'
import type { PublicApi } from './public-api.ts'

type Key = InstanceType<typeof CryptoKey>

const KeySet = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional() })),
  audience: z.string(),
  server_time_ms: z.int(),
})
type KeySet = z.infer<typeof KeySet>

/** A key that the gateway has withdrawn is not believed for longer than this. */
const keptForMs = 3_600_000

type Known = { audience: string; keys: ReadonlyMap<string, Key>; fetchedAtMs: number }

export type GatewayKeys = {
  /** What requests are signed for: one captured on another deployment is worthless here. */
  audience: () => Promise<string>
  /** @throws GatewayUntrusted when the signature is not one of a key that the gateway publishes */
  verify: (keyId: string, input: Uint8Array, signature: Uint8Array) => Promise<void>
}

type Options = {
  api: PublicApi
  clock: ClientClock
  audience?: string | undefined
  /** Is told the gateway's time whenever the keys are fetched. */
  onServerTime: (serverTimeMs: number) => void
}

/** The keys that the gateway signs with: fetched when first needed, and again when an unknown one turns up. */
export function createGatewayKeys({ api, clock, audience, onServerTime }: Options): GatewayKeys {
  let fetching: Promise<Known> | undefined
  let known: Known | undefined

  return {
    audience: async () => audience ?? (await current()).audience,
    verify: async (keyId, input, signature) => {
      const key = (await current()).keys.get(keyId) ?? (await refetched()).keys.get(keyId)
      if (!key) throw new GatewayUntrusted(`the gateway does not publish the key ${keyId}`)
      if (!(await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, input))) {
        throw new GatewayUntrusted('a signature of the gateway does not hold')
      }
    },
  }

  async function current(): Promise<Known> {
    return known && clock.nowMs() - known.fetchedAtMs < keptForMs ? known : refetched()
  }

  /** Many may ask at once; one request is sent. */
  function refetched(): Promise<Known> {
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  async function fetchKeys(): Promise<Known> {
    const set = await api.get('/keys', KeySet)
    onServerTime(set.server_time_ms)
    known = { audience: set.audience, keys: await keysOf(set), fetchedAtMs: clock.nowMs() }
    return known
  }
}

/** By the id that follows from the key itself: what the set calls it does not matter. */
async function keysOf({ keys }: KeySet): Promise<ReadonlyMap<string, Key>> {
  const usable = new Map<string, Key>()
  for (const { kty, crv, x } of keys) {
    const raw = kty === 'OKP' && crv === 'Ed25519' && x ? rawKey(x) : undefined
    if (!raw || !isTrustworthyPublicKey(raw)) continue
    const keyId = hexOf(await sha256(spkiOf(raw))).slice(0, 16)
    usable.set(keyId, await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify']))
  }
  return usable
}

function rawKey(x: string) {
  try {
    return bytesOfBase64(x)
  } catch {
    return undefined
  }
}
