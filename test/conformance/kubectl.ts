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

/**
 * Runs the `kubectl` in PATH.
 * @throws Error when there is none
 */
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

/** The minor version of the kubectl in PATH: 32 of v1.32.4. */
const kubectlMinor = await readMinor()

async function readMinor(): Promise<number> {
  const { stdout } = await runKubectl(['version', '--client', '-o', 'json'])
  const minor = /"minor": "(\d+)/.exec(stdout)?.[1]
  if (minor === undefined) throw new Error('kubectl was not found in PATH: make test installs it')
  return Number(minor)
}

/** How to run tests of what only kubectl 1.28 and newer are promised: older ones print some things otherwise. */
export const currentOnly = { concurrent: true, skip: kubectlMinor < 28 }
