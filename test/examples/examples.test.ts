import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readManifests } from '../../src/platform/kubernetes/manifests.ts'
import { isTrue } from '../../src/platform/kubernetes/conditions.ts'
import { runKubectl } from '../conformance/kubectl.ts'
import { openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { signInPlayer } from '../support/players.ts'

const folder = 'examples'
const files = (await readdir(folder)).sort()
const Addresses = z.object({ edgePublic: z.url(), edgeAuth: z.url(), mailbox: z.url() })

let platform: Platform
let games: ReturnType<typeof openGames>

beforeAll(async () => {
  platform = await startPlatform()
  games = openGames(platform.kubeconfig)
  await games.informer.synced()
})
afterAll(async () => {
  await games[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

const kubectl = (...args: string[]) => runKubectl([...args, '--kubeconfig', platform.kubeconfig])

/** The lines of a comment that begin with this command, and the ones that go on with it. */
async function commandIn(file: string, start: string): Promise<string> {
  const lines = (await readFile(join(folder, file), 'utf8')).split('\n').map((line) => line.replace(/^#\s*/, ''))
  const first = lines.findIndex((line) => line.startsWith(start))
  const last = lines.findIndex((line, index) => index >= first && line.endsWith("'"))
  return lines.slice(first, last + 1).join(' ')
}

describe('the examples', () => {
  it.each(files)('are accepted as they are (%s), by strict validation and without a warning', async (file) => {
    const { code, stderr } = await kubectl('apply', '--validate=strict', '-f', join(folder, file))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    { file: 'duel.yaml', name: 'duel', people: ['ada', 'grace'] },
    { file: 'scheduled.yaml', name: 'andromeda-7', people: ['ada', 'grace', 'edsger'] },
  ])(
    'of games for people wait for their players, and begin with the command that they name ($file)',
    async (example) => {
      const { name, file, people } = example
      const waiting = await games.until(name, ({ status }) => status.phase === 'Stopped')
      expect(isTrue(waiting.status.conditions ?? [], 'Initialized')).toBe(false)
      expect(waiting.spec.players).toBeUndefined()
      const at = Addresses.parse(platform.endpoints)
      let patch = (await commandIn(file, `kubectl patch game ${name} `)).split(" -p '")[1]?.replace(/'$/, '') ?? ''
      const clients = []
      for (const person of people) {
        const player = await signInPlayer({ ...at, email: `${person}-${name}@example.com` })
        clients.push(player)
        patch = patch.replace(`ID-OF-${person.toUpperCase()}`, player.userId)
      }
      expect(patch).not.toContain('ID-OF-')
      expect(await kubectl('patch', 'game', name, '--type=merge', '-p', patch)).toMatchObject({ code: 0 })
      await games.until(name, ({ status }) => status.phase === 'Running' && status.turn?.number === 0)
      for (const { client } of clients) {
        expect(await client.games.list()).toMatchObject([{ name }])
      }
      for (const player of clients) player[Symbol.dispose]()
    },
  )

  it('of a game to watch play turns by themselves', async () => {
    const { status } = await games.until('quickstart', (game) => (game.status.turn?.number ?? 0) >= 1, 60_000)
    expect(status.phase).toBe('Running')
  })

  it('of an engine version have an image of their own, and are taken by no game before they are opened', async () => {
    const { stdout } = await kubectl('get', 'engineversions', '-o', 'json')
    const { items } = z
      .object({
        items: z.array(z.object({ spec: z.object({ image: z.string(), disabled: z.boolean().default(false) }) })),
      })
      .parse(JSON.parse(stdout))
    const images = items.map(({ spec }) => spec.image)
    expect(new Set(images).size).toBe(images.length)
    const written = await readManifests(join(folder, 'engine-version.yaml'))
    expect(written).toMatchObject([{ kind: 'EngineVersion', object: { spec: { disabled: true } } }])
  })
})
