import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createTestDatabase } from '../../../../test/support/database.ts'
import type { Clock } from '../../../platform/clock.ts'
import { isObject, type JsonObject } from '../../../platform/json.ts'
import { silentLog } from '../../../platform/log.ts'
import { customKinds } from '../../../resources/index.ts'
import { type ResourceServer, startResourceServer } from '../index.ts'

type Reply = { code: number; body: JsonObject; headers: Headers }
type Sent = { body?: unknown; type?: string; token?: string; headers?: Record<string, string> }

/** A resource server on a database of its own, and a client of it. */
export type TestServer = AsyncDisposable & {
  databaseUrl: string
  /** Where it listens; another place after a restart. */
  url: () => string
  call: (method: string, path: string, sent?: Sent) => Promise<Reply>
  watch: (path: string, accept?: string) => Promise<TestWatch>
  /** Ends the server and starts another one on the same database; `between` runs while there is none. */
  restart: (between?: () => Promise<void>) => Promise<void>
}

type Options = { clock?: Clock; through?: (databaseUrl: string) => Promise<string> }

/** A running watch: its events so far, and all of them once it has ended. */
export type TestWatch = { events: JsonObject[]; ended: Promise<void>; hasEnded: () => boolean; stop: () => void }

export const games = '/apis/galaxy.dev/v1/namespaces/default/games'

export function gameNamed(name: string, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'galaxy.dev/v1',
    kind: 'Game',
    metadata: { name },
    spec: { engine: { version: '~1.0' } },
    ...more,
  }
}

/** `through` makes the address the server is given out of the database's own. */
export async function startTestServer({ clock, through }: Options = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const databaseUrl = (await through?.(database.url)) ?? database.url
  const start = () =>
    startResourceServer({
      databaseUrl,
      listen: { host: '127.0.0.1', port: 0 },
      tokens: [{ token: 'test', user: 'tester', groups: ['system:masters'] }],
      kinds: customKinds,
      log: silentLog,
      ...(clock ? { clock } : {}),
    })
  let server: ResourceServer = await start()
  return {
    databaseUrl: database.url,
    url: () => server.url,
    call: (method, path, sent) => call(server.url, method, path, sent),
    watch: (path, accept) => watch(server.url + path, accept),
    restart: async (between) => {
      await server[Symbol.asyncDispose]()
      await between?.()
      server = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function call(url: string, method: string, path: string, sent: Sent = {}): Promise<Reply> {
  const { body, type = 'application/json', token = 'test', headers = {} } = sent
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': type, ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(text === undefined ? {} : { body: text }),
  })
  const answer = await response.text()
  const parsed: unknown = answer.startsWith('{') ? JSON.parse(answer) : { text: answer }
  return { code: response.status, body: isObject(parsed) ? parsed : {}, headers: response.headers }
}

async function watch(url: string, accept = 'application/json'): Promise<TestWatch> {
  const abort = new AbortController()
  const response = await fetch(url, { headers: { authorization: 'Bearer test', accept }, signal: abort.signal })
  if (!response.ok) throw new Error(`the watch was answered ${response.status}`)
  const events: JsonObject[] = []
  let isOver = false
  const ended = follow(response, events)
    .catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  return { events, ended, hasEnded: () => isOver, stop: () => abort.abort() }
}

async function follow(response: Response, events: JsonObject[]): Promise<void> {
  if (!response.body) return
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    const event: unknown = JSON.parse(line)
    if (isObject(event)) events.push(event)
  }
}
