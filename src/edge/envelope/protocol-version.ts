import { Refusal } from '../../platform/errors.ts'
import type { SignedRequest } from './model.ts'

/** @throws Refusal `unsupported_protocol_version` */
export function checkProtocolVersion({ protocolVersion }: SignedRequest): void {
  if (protocolVersion === 'v1') return
  throw new Refusal('precondition', 'unsupported_protocol_version', 'This gateway speaks protocol version v1.')
}
