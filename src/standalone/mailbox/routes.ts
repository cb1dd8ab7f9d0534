import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../platform/errors.ts'
import { readInput } from '../../platform/input.ts'
import { requireLoopbackHost } from './loopback.ts'
import { listPage, messagePage, styleSheet } from './pages.ts'
import type { MessageStore } from './store.ts'

const Query = z.object({ to: z.string().min(1).max(320).optional() })
const Params = z.object({ id: z.string() })

/** Nothing of anybody else's, and no script at all: what is shown was written by strangers. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** A mail's own HTML: styled as it likes, but without scripts and without fetching anything. */
const mailPolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"

/** The mailbox's page and its API. */
export function mailboxRoutes(store: MessageStore) {
  return async (app: FastifyInstance) => {
    app.addHook('onRequest', requireLoopbackHost)
    app.addHook('onSend', async (_request, reply) => {
      reply.headers({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', pagePolicy)
    })
    api(app, store)
    pages(app, store)
  }
}

function api(app: FastifyInstance, store: MessageStore): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/api/messages', async ({ query }) => store.list(readInput(Query, query).to))
  app.delete('/api/messages', async (_request, reply) => {
    await store.clear()
    return reply.code(204).send()
  })
}

function pages(app: FastifyInstance, store: MessageStore): void {
  app.get('/', async ({ query }, reply) => {
    const { to } = readInput(Query, query)
    return sendHtml(reply, listPage({ messages: store.list(to), to }))
  })
  app.get('/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(styleSheet))
  app.get('/messages/:id', async ({ params }, reply) => sendHtml(reply, messagePage(find(params))))
  app.get('/messages/:id/html', async ({ params }, reply) =>
    sendHtml(reply.header('content-security-policy', mailPolicy), find(params).html ?? ''),
  )

  function find(params: unknown) {
    const message = store.find(readInput(Params, params).id)
    if (!message) throw new Refusal('missing', 'message_not_found', 'There is no such message (any more).')
    return message
  }
}

function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(html)
}
