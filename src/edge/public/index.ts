export { createPublicApp } from './app.ts'
export { type ClientAddress, createClientAddress, parseNetworks } from './client-address.ts'
export type { Readiness } from './probes.ts'
