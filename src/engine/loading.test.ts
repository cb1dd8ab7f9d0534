import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'

/** The packages and the parts of Node.js that are loaded with a module, by what it and its like import at once. */
async function loadedWith(module: string): Promise<{ packages: string[]; builtins: string[] }> {
  await using graph = await rolldown({
    input: { entry: fileURLToPath(new URL(module, import.meta.url)) },
    platform: 'node',
    treeshake: false,
    external: (id) => !/^[./]/.test(id),
  })
  const { output } = await graph.generate({ format: 'esm' })
  const chunks = output.filter((each) => each.type === 'chunk')
  const found = new Set<string>()
  const visit = (name: string) => {
    if (found.has(name)) return
    found.add(name)
    for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) visit(imported)
  }
  for (const { isEntry, fileName } of chunks) if (isEntry) visit(fileName)
  const outside = [...found].filter((name) => !chunks.some(({ fileName }) => fileName === name)).toSorted()
  const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)
  return { packages: outside.filter((name) => !isBuiltin(name)), builtins: outside.filter(isBuiltin) }
}

// Engines are started by the hundred: each package more is processor time and memory for every one of them.
describe('what is loaded to run an engine', () => {
  it('is nothing but the log and the parser of inputs', async () => {
    expect((await loadedWith('./index.ts')).packages).toEqual(['pino', 'zod'])
  })

  it('holds none of what loads an HTTP client, HTTP/2 and TLS when it is imported', async () => {
    const { builtins } = await loadedWith('./index.ts')
    expect(builtins).toContain('node:fs/promises')
    expect(builtins.filter((name) => /^(node:)?(https?|http2|tls)$/.test(name))).toEqual([])
  })

  it('is decided before the command line is parsed', async () => {
    expect(await loadedWith('../main.ts')).toEqual({ packages: [], builtins: ['node:module', 'node:url'] })
  })
})
