import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { applyProxyExceptions, takeEnvironment } from './platform/process-environment.ts'

// Saves a third of the start-up time; where the folder cannot be written, nothing is saved and nothing is lost. What is to
// be found in the cache must be loaded after this.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/galaxy', import.meta.url)))

// What this process makes is for itself at least, whatever the umask of the shell.
process.umask(process.umask() & 0o077)

// The only reader of process.env: everything else is handed what it needs.
const environment = takeEnvironment(process.env)
process.exitCode = await run(process.argv.slice(2))

// What keeps the process running now was left behind by a stop that took too long: it must not keep it for ever.
setTimeout(() => process.exit(), 2000).unref()

async function run(args: readonly string[]): Promise<number> {
  // Engines are started by the hundred at once: they pass by the command line's parser, which only knows how to refuse more.
  if (args.length === 1 && args[0] === 'engine') {
    const { runEngine } = await import('#engine')
    return runEngine(environment)
  }
  await applyProxyExceptions(process.env)
  const { run: runCommand } = await import('./cli/run.ts')
  return runCommand(args, environment)
}
