import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Refusal } from './errors.ts'
import { createHttpApp } from './http.ts'
import { readInput } from './input.ts'
import { silentLog } from './log.ts'

function anApp() {
  const app = createHttpApp({ log: silentLog, bodyLimit: 100 })
  app.post('/read', async ({ body }) => readInput(z.object({ players: z.array(z.object({ name: z.string() })) }), body))
  app.get('/refuse', async () => {
    throw new Refusal('precondition', 'stale_epoch', 'Too old.', { details: { epoch: 7 } })
  })
  app.get('/bug', async () => {
    throw new Error('secret detail')
  })
  return app
}

describe('errors on the HTTP wire', () => {
  it('are problem documents with a stable code', async () => {
    const answer = await anApp().inject('/refuse')
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: 'Precondition Failed',
      status: 412,
      code: 'stale_epoch',
      detail: 'Too old.',
      epoch: 7,
    })
  })

  it('name every wrong field', async () => {
    const answer = await anApp().inject({ method: 'POST', url: '/read', payload: { players: [{}, { name: 1 }] } })
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'invalid_input',
      errors: [{ field: 'players[0].name' }, { field: 'players[1].name' }],
    })
  })

  it.each([
    { what: 'malformed JSON', payload: '{', status: 400 },
    { what: 'a body over the limit', payload: JSON.stringify({ x: 'y'.repeat(200) }), status: 413 },
  ])('refuse $what', async ({ payload, status }) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await anApp().inject({ method: 'POST', url: '/read', headers, payload })
    expect(answer.json()).toMatchObject({ status, code: 'invalid_input' })
  })

  it('of our own making tell nothing of the inside', async () => {
    const answer = await anApp().inject('/bug')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret')
  })

  it('say that a route does not exist', async () => {
    expect((await anApp().inject('/nowhere')).json()).toMatchObject({ status: 404, code: 'not_found' })
  })
})
