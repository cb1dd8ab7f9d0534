import type { ExecuteCommandResponse } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { responseSigningInput } from '../signing/index.ts'
import { sameBytes, sha256 } from './bytes.ts'
import { protocolVersion, type Sealed } from './envelope.ts'
import { GatewayUntrusted } from './errors.ts'
import type { GatewayKeys } from './gateway-keys.ts'

/**
 * The payload of a response, after everything about it has been checked: that the gateway signed it, and as the answer to
 * this very request.
 * @throws GatewayUntrusted
 */
export async function openResponse(
  response: ExecuteCommandResponse,
  { envelope, requestHash }: Sealed,
  keys: GatewayKeys,
): Promise<Uint8Array> {
  if (response.protocolVersion !== protocolVersion) throw new GatewayUntrusted('the answer is of another protocol')
  if (response.requestId !== envelope.requestId) throw new GatewayUntrusted('the answer is to another request')
  const payloadHash = await sha256(response.payloadBytes)
  if (!sameBytes(payloadHash, response.payloadHash)) throw new GatewayUntrusted('the hash of the answer is wrong')
  const { keyId, requestId, timestampMs, resultCode, signature } = response
  const input = responseSigningInput({ keyId, requestId, requestHash, timestampMs, resultCode, payloadHash })
  await keys.verify(keyId, input, signature)
  return response.payloadBytes
}
