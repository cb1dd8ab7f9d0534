export { confirmSigningInput, eventSigningInput, requestSigningInput, responseSigningInput } from './inputs.ts'
export { isTrustworthyPublicKey, spkiOf } from './public-key.ts'
