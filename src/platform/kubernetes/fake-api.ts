import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type KubeConfig, loadKubeConfig } from './client.ts'
import { ObjectMeta, type ResourceKind } from './objects.ts'

/** For tests of this room: a kind, and an API server that misbehaves on demand. */
export const Widget = z.object({
  apiVersion: z.literal('example.dev/v1'),
  kind: z.literal('Widget'),
  metadata: ObjectMeta,
  spec: z.object({ size: z.int() }),
})
export type Widget = z.infer<typeof Widget>

export const widgetKind: ResourceKind<Widget> = {
  group: 'example.dev',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
  schema: Widget,
}

export function widget(name: string, resourceVersion: number, { size = 1, uid = `uid-${name}` } = {}): Widget {
  return Widget.parse({
    apiVersion: 'example.dev/v1',
    kind: 'Widget',
    metadata: {
      namespace: 'default',
      name,
      uid,
      resourceVersion: String(resourceVersion),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { size },
  })
}

export type FakeCall = {
  method: string
  path: string
  query: URLSearchParams
  contentType: string | undefined
  body: unknown
}

export type FakeApi = AsyncDisposable & {
  config: KubeConfig
  calls: FakeCall[]
  /** Connections accepted so far. */
  connections: () => number
}

type Handler = (call: FakeCall, response: ServerResponse) => void | Promise<void>

export async function startFakeApi(handle: Handler): Promise<FakeApi> {
  const calls: FakeCall[] = []
  let connections = 0
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      calls.push(call)
      return handle(call, response)
    })
  })
  server.on('connection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    config: await fakeConfig(`http://127.0.0.1:${port}`),
    calls,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readCall(request: IncomingMessage): Promise<FakeCall> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const body = await text(request)
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    contentType: request.headers['content-type'],
    body: body === '' ? undefined : JSON.parse(body),
  }
}

/** A KubeConfig as a process gets it: from a file. */
export async function fakeConfig(server: string): Promise<KubeConfig> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-kubeconfig-'))
  try {
    const path = join(dir, 'kubeconfig')
    await writeFile(path, kubeconfigText(server))
    return loadKubeConfig({ path })
  } finally {
    await rm(dir, { recursive: true })
  }
}

export function kubeconfigText(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  })
}

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function listOf(items: readonly unknown[], resourceVersion: number, more: { continue?: string } = {}) {
  return { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: String(resourceVersion), ...more }, items }
}

export function status(code: number, reason: string, message = reason) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}

export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of stream) all.push(each)
  return all
}
