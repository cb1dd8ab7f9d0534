import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const galaxy = fileURLToPath(new URL('../../bin/galaxy', import.meta.url))

export type Finished = { code: number; stdout: string; stderr: string }

/** Runs the galaxy command to its end, with no kubeconfig but those it is told of. */
export function runGalaxy(
  args: readonly string[],
  { input = '', env = {}, cwd = '/' }: { input?: string; env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, KUBECONFIG: '', HOME: cwd, ...env }, timeout: 60_000 }
    const child = execFile(galaxy, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}
