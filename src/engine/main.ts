import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// A program of its own beside src/main.ts: starting an engine then loads nothing but the engine. The cache saves parsing
// and stripping types each time; where the folder cannot be written, nothing is saved and nothing is lost.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/galaxy', import.meta.url)))

const { runEngine } = await import('./process.ts')
process.exitCode = await runEngine(process.env)
