import { spawn } from 'node:child_process'
import { childEnvironment } from '../../platform/child-environment.ts'

/** Runs a command to its end. `output` is the last of what it said, in one line. */
export function runToEnd([program = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-2000)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, output: said.trim().replaceAll('\n', ' ') }))
  })
}
