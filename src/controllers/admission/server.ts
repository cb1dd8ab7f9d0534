import { createServer, type Server } from 'node:https'
import type { FastifyInstance } from 'fastify'
import type { Certificate } from '../../platform/certificate/index.ts'
import { createHttpApp } from '../../platform/http.ts'
import { readInput } from '../../platform/input.ts'
import type { Log } from '../../platform/log.ts'
import { AdmissionReview } from './model.ts'
import { review } from './review.ts'

export type AdmissionServer = { app: FastifyInstance; show: (certificate: Certificate) => void }

/** An object may have 1.5 MiB in etcd, and a review carries two of them. */
const bodyLimit = 4 * 1_048_576

/** `POST /validate` over TLS. */
export function createAdmissionServer(first: Certificate, log: Log): AdmissionServer {
  let server: Server | undefined
  const app = createHttpApp({
    log,
    bodyLimit,
    serverFactory: (handler) => {
      server = createServer({ ...tlsOf(first), minVersion: 'TLSv1.2' }, handler)
      return server
    },
  })
  app.post('/validate', async ({ body }) => review(readInput(AdmissionReview, body).request))
  app.get('/healthz', async () => ({ status: 'ok' }))
  return { app, show: (certificate) => server?.setSecureContext(tlsOf(certificate)) }
}

function tlsOf({ certificate, key }: Certificate) {
  return { cert: certificate, key }
}
