export { loadSigner, type SignerFiles } from './load.ts'
export type { PublishedKey } from './published-keys.ts'
export {
  createSigner,
  type EventToSign,
  type ResponseToSign,
  type Signed,
  type Signer,
  type SignerKeys,
} from './signer.ts'
