import type { Target } from './target.ts'

const players = [
  { userId: 'ada', raceName: 'Terrans' },
  { userId: 'bob', raceName: 'Zerks' },
]

export type GameOptions = { spec?: object; labels?: Record<string, string> }

/** A manifest of a Game, as JSON text for `kubectl -f -`. */
export function gameText(name: string, { spec = {}, labels = { suite: 'conformance' } }: GameOptions = {}): string {
  const whole = {
    engine: { version: '~1.0' },
    players,
    settings: { seed: 1 },
    turns: { schedule: '0 18 * * *' },
    ...spec,
  }
  return JSON.stringify({ apiVersion: 'galaxy.dev/v1', kind: 'Game', metadata: { name, labels }, spec: whole })
}

export const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'EngineReady',
  message: 'the engine runs',
  lastTransitionTime: '2026-11-21T10:00:00Z',
}

/** kubectl with the arguments that every test of a file repeats, and shortcuts for them. */
export function commands({ kubectl }: Pick<Target, 'kubectl'>) {
  const read = async (...args: string[]) => (await kubectl(['get', ...args])).stdout
  return {
    kubectl,
    /** Runs `kubectl …args -f -` with the text as its input. */
    send: (text: string, ...args: string[]) => kubectl([...args, '-f', '-'], { stdin: text }),
    /** One value of a Game. */
    field: (name: string, path: string) => read('game', name, '-o', `jsonpath={${path}}`),
    create: async (name: string, options?: GameOptions) => {
      const { code, stderr } = await kubectl(['create', '-f', '-'], { stdin: gameText(name, options) })
      if (code !== 0) throw new Error(stderr)
    },
    /** Does what the controllers would do. */
    setStatus: async (name: string, status: object) => {
      const patch = JSON.stringify({ status })
      const { code, stderr } = await kubectl([
        'patch',
        'game',
        name,
        '--subresource=status',
        '--type=merge',
        '-p',
        patch,
      ])
      if (code !== 0) throw new Error(stderr)
    },
  }
}

export const ok = (stdout: string) => ({ code: 0, stdout, stderr: '' })
