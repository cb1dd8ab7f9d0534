import { serveUntilSignalled } from './serving.ts'

/** Stands in for the api: answers the session's record and every command at once, so that only the edge is measured. */
const [publicKey = ''] = process.argv.slice(2)
const userId = '11111111-1111-4111-8111-111111111111'
const session = JSON.stringify({
  id: '22222222-2222-4222-8222-222222222222',
  user_id: userId,
  status: 'active',
  public_key: publicKey,
  expires_at: '2100-01-01T00:00:00.000Z',
})
const account = JSON.stringify({
  id: userId,
  user_name: 'Player-1',
  display_name: 'Ada',
  email: 'ada@example.com',
  locale: 'en',
  time_zone: 'UTC',
  created_at: '2026-01-01T00:00:00.000Z',
})

await serveUntilSignalled((request, response) => {
  const body = request.url?.startsWith('/api/v1/internal/sessions/') ? session : account
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
})
