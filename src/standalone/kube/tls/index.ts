export { answerTlsToo } from './both.ts'
export { type Certificate, createCertificate } from './certificate.ts'
