import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { galaxy } from './command.ts'

export type TerminalPlayer = Disposable & {
  say: (line: string) => void
  /** What it has printed since the last call that returned, once that matches. */
  until: (said: RegExp, withinMs?: number) => Promise<string>
  /** Leaves; the exit code. */
  quit: () => Promise<number | null>
}

/** Somebody at `galaxy play`, whose lines come through a pipe. */
export function startTerminalPlayer(args: readonly string[], home: string): TerminalPlayer {
  const child = spawn(galaxy, ['play', ...args], { env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home } })
  const ended = once(child, 'exit')
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    until: async (expected, withinMs = 15_000) => {
      const deadline = Date.now() + withinMs
      while (!expected.test(said)) {
        if (Date.now() > deadline)
          throw new Error(`${expected.source} was not said within ${withinMs} ms, but:\n${said}`)
        await delay(20)
      }
      const seen = said
      said = ''
      return seen
    },
    quit: async () => {
      child.stdin.end('quit\n')
      await ended
      return child.exitCode
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
