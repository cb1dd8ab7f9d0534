export { startAdmission } from './admission.ts'
export { certificatesFromFiles, ownCertificates } from './certificates.ts'
export { webhookConfigurationKind } from './webhook-configuration.ts'
