import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { tar } from './tar.ts'

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'

/** A registry with one image, as small as the protocol allows. */
export type TestRegistry = AsyncDisposable & {
  image: string
  digest: string
  /** Another image there, which it does not have. */
  missing: string
  /** Whether it holds back the image's content; what it held back is broken off when it no longer does. */
  stall: (stalls: boolean) => void
}

export async function openTestRegistry(): Promise<TestRegistry> {
  let stalls = false
  const held = new Set<ServerResponse>()
  // Another one each time, so that the daemon has not got it yet.
  const layer = tar({ file: 'content', content: crypto.randomUUID(), mode: 0o644 })
  const content = gzipSync(layer)
  const config = json({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } })
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: described('application/vnd.docker.container.image.v1+json', config),
    layers: [described('application/vnd.docker.image.rootfs.diff.tar.gzip', content)],
  })
  const files = new Map([
    ['/v2/', json({})],
    ['/v2/game/manifests/1', manifest],
    [`/v2/game/manifests/${digestOf(manifest)}`, manifest],
    [`/v2/game/blobs/${digestOf(config)}`, config],
    [`/v2/game/blobs/${digestOf(content)}`, content],
  ])
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    if (file === content && stalls) return void held.add(response)
    const isManifest = request.url?.includes('/manifests/') ?? false
    response.setHeader('content-type', isManifest && file ? manifestType : 'application/json')
    response.statusCode = file ? 200 : 404
    response.end(file ?? JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    image: `127.0.0.1:${port}/game:1`,
    digest: digestOf(manifest),
    missing: `127.0.0.1:${port}/other:1`,
    stall: (whether) => {
      stalls = whether
      if (!stalls) for (const response of held) response.destroy()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function described(mediaType: string, content: Buffer) {
  return { mediaType, size: content.length, digest: digestOf(content) }
}
