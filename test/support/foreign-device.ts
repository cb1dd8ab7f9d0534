import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

/*
 * A player's device written from the wire's description alone: none of our own code for signing or calling, so that what
 * it is understood to say is what other people's clients would say.
 */

const Keys = z.object({ keys: z.array(z.looseObject({ kid: z.string(), x: z.string() })), audience: z.string() })
const Mail = z.array(z.object({ subject: z.string(), text: z.string() }))

export type Addresses = { edgePublic: string; mailbox: string }

export type Envelope = {
  protocolVersion: string
  deviceSessionId: string
  messageType: string
  timestampMs: string
  requestId: string
  payloadBytes: Buffer
  payloadHash: Buffer
  signature: Buffer
  /** Of what was signed: the answer is bound to it. */
  requestHash: Buffer
}

type Answer = {
  requestId: string
  timestampMs: string
  resultCode: string
  payloadBytes: Buffer
  signature: Buffer
  keyId: string
}

type PushedEvent = {
  eventType: string
  eventId: string
  timestampMs: string
  payloadBytes: Buffer
  signature: Buffer
  keyId: string
}

export type ForeignDevice = Awaited<ReturnType<typeof signIn>>

/** Signs in by e-mail code, read from the mailbox. */
export async function signIn({ edgePublic, mailbox }: Addresses, email: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const rawKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const { keys, audience } = Keys.parse(await (await fetch(`${edgePublic}/api/v1/public/keys`)).json())
  const sent = await post(`${edgePublic}/api/v1/public/auth/send-email-code`, { email })
  const { challenge_id: challengeId } = z.object({ challenge_id: z.string() }).parse(sent)
  const code = await readCode(mailbox, email)
  const proof = sign(null, lp('galaxy.auth.confirm.v1', audience, challengeId, sha256(code), rawKey), privateKey)
  const confirmed = await post(`${edgePublic}/api/v1/public/auth/confirm-email-code`, {
    challenge_id: challengeId,
    code,
    client_public_key: rawKey.toString('base64'),
    proof: proof.toString('base64'),
  })
  const { device_session_id: deviceSessionId } = z.object({ device_session_id: z.string() }).parse(confirmed)
  return { deviceSessionId, envelope, verifyAnswer, verifyEvent }

  function envelope(procedure: string, messageType: string, payload: object): Envelope {
    const payloadBytes = Buffer.from(JSON.stringify(payload))
    const payloadHash = sha256(payloadBytes)
    const requestId = randomBytes(16).toString('hex')
    const timestampMs = Date.now()
    const input = lp(
      'galaxy.edge.request.v1',
      audience,
      procedure,
      'v1',
      deviceSessionId,
      requestId,
      messageType,
      bigEndian(timestampMs),
      payloadHash,
    )
    return {
      protocolVersion: 'v1',
      deviceSessionId,
      messageType,
      timestampMs: String(timestampMs),
      requestId,
      payloadBytes,
      payloadHash,
      signature: sign(null, input, privateKey),
      requestHash: sha256(input),
    }
  }

  /** True when the gateway has signed this answer for this request. */
  function verifyAnswer(answer: Answer, request: Envelope): boolean {
    const { keyId, requestId, timestampMs, resultCode, payloadBytes, signature } = answer
    const input = lp(
      'galaxy.edge.response.v1',
      keyId,
      requestId,
      request.requestHash,
      bigEndian(Number(timestampMs)),
      resultCode,
      sha256(payloadBytes),
    )
    return verify(null, input, gatewayKey(keyId), signature)
  }

  function verifyEvent({ keyId, eventType, eventId, timestampMs, payloadBytes, signature }: PushedEvent): boolean {
    const time = bigEndian(Number(timestampMs))
    const input = lp('galaxy.edge.event.v1', keyId, eventType, eventId, time, sha256(payloadBytes))
    return verify(null, input, gatewayKey(keyId), signature)
  }

  function gatewayKey(keyId: string) {
    const found = keys.find(({ kid }) => kid === keyId)
    if (!found) throw new Error(`the gateway does not publish the key ${keyId}`)
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: found.x }, format: 'jwk' })
  }
}

/** The newest sign-in code in somebody's mail. */
export async function readCode(mailbox: string, email: string, withinMs = 10_000): Promise<string> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const response = await fetch(`${mailbox}/api/messages?to=${encodeURIComponent(email)}`)
    const [newest] = Mail.parse(await response.json())
    const code = /\b\d{8}\b/.exec(newest?.text ?? '')?.[0]
    if (code !== undefined) return code
    if (Date.now() > deadline) throw new Error(`no sign-in code for ${email} within ${withinMs} ms`)
    await delay(20)
  }
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

function lp(...fields: readonly (string | Buffer)[]): Buffer {
  const parts = fields.map((field) => Buffer.from(field))
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(part.length)
      return [length, part]
    }),
  )
}

function bigEndian(ms: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(ms))
  return bytes
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
