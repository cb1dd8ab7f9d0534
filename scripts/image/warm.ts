/**
 * Fills the cache of compiled modules while the image is built: where it runs, the root file system is read-only, and
 * without the cache every start parses all it loads. Node.js keeps one cache per user, so it must be filled as the
 * user that the image runs as.
 */
import { chownSync, mkdirSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const user = 65_532
const cache = fileURLToPath(new URL('../../node_modules/.cache/galaxy', import.meta.url))

mkdirSync(cache, { recursive: true })
chownSync(cache, user, user)
process.setgid?.(user)
process.setuid?.(user)
enableCompileCache(cache)

await import('../../src/cli/run.ts')
await import('../../src/platform/lifecycle.ts')
await import('../../src/engine/index.ts')
await import('../../src/controllers/index.ts')
await import('../../src/api/index.ts')
await import('../../src/edge/index.ts')
flushCompileCache()
process.exit()
