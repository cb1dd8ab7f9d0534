import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export type Ran = { code: number | null; stdout: string; stderr: string }

export type RunOptions = {
  stdin?: string | undefined
  env?: Readonly<Record<string, string>> | undefined
  /** Ends the program with SIGTERM. */
  signal?: AbortSignal | undefined
  /** Sees all that was printed so far, each time there is more. */
  onOutput?: ((stdout: string) => unknown) | undefined
}

/** Runs the `kubectl` in PATH. */
export async function runKubectl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn('kubectl', args, { env: { ...process.env, ...options.env }, stdio: 'pipe' })
  options.signal?.addEventListener('abort', () => child.kill('SIGTERM'))
  // A kubectl that refuses its flags does not read.
  child.stdin.on('error', () => undefined).end(options.stdin)
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => options.onOutput?.((seen += chunk)))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout, stderr }
}
