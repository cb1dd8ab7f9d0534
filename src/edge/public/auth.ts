import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readInput } from '../../platform/input.ts'
import { type BackendClient, readFormat } from '../backend/index.ts'

const text = (max: number) => z.string().min(1).max(max)

/** Here are the shapes; what the values mean, the backend checks. */
const SendEmailCode = z.strictObject({ email: text(320), locale: text(35).optional() })
const ConfirmEmailCode = z.strictObject({
  challenge_id: text(64),
  code: text(64),
  client_public_key: z.base64().max(64),
  proof: z.base64().max(128),
  device_label: text(256).optional(),
  time_zone: text(64).optional(),
})

/** What the backend answers; members that are not listed are not passed on. */
const CodeSent = z.object({ challenge_id: text(64) })
const CodeConfirmed = z.object({ device_session_id: text(64) })

export type PublicAuthOptions = {
  backend: Pick<BackendClient, 'call'>
  addressOf: (request: FastifyRequest) => string
}

/** Signing in: passed on to the same paths of the backend, and its answers passed back once they have our format. */
export function publicAuthRoutes({ backend, addressOf }: PublicAuthOptions) {
  return async (app: FastifyInstance) => {
    app.removeContentTypeParser('text/plain')
    app.addHook('onRequest', requireOneContentType)
    forward('/send-email-code', SendEmailCode, CodeSent)
    forward('/confirm-email-code', ConfirmEmailCode, CodeConfirmed)

    function forward(path: string, schema: z.ZodType, result: z.ZodType): void {
      app.post(path, async (request, reply) => {
        const answer = await backend.call({
          method: 'POST',
          path: `/api/v1/public/auth${path}`,
          body: readInput(schema, request.body),
          headers: { 'x-client-ip': addressOf(request) },
          signal: gone(reply),
        })
        reply.header('cache-control', 'no-store')
        const read = readFormat(answer, result)
        if (!('problem' in read)) return read.result
        if (answer.retryAfter !== undefined) reply.header('retry-after', answer.retryAfter)
        return reply.code(answer.status).type('application/problem+json').send(answer.text)
      })
    }
  }
}

/** Node.js keeps the first of two headers, others the last: nobody shall be told two different things. */
async function requireOneContentType({ raw }: FastifyRequest): Promise<void> {
  const given = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type')
  if (given.length !== 1) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(raw.headers['content-type'])
}

/** Fires when the client has left before it was answered. */
function gone(reply: FastifyReply): AbortSignal {
  const abort = new AbortController()
  reply.raw.once('close', () => abort.abort())
  return abort.signal
}
