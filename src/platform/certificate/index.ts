export { type Certificate, createCertificate } from './certificate.ts'
export { isPair, validityProblem, validUntil } from './validity.ts'
