export { type Certificate, createCertificate } from './certificate.ts'
