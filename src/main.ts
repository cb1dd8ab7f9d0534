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

// What a command has printed gets to its reader, however slow. Whatever else still runs was left behind by a stop that
// took too long, such as a connection to a collector that does not answer: it must not keep the process.
await new Promise((resolve) => process.stdout.write('', resolve))
process.exit()

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
