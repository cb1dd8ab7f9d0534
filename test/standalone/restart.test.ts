import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { galaxy } from '../support/command.ts'
import { endProcess } from '../support/controller.ts'
import { gameManifest, isReady, openGames } from '../support/games.ts'
import { startPlatform } from '../support/platform.ts'
import { processesMentioning } from '../support/processes.ts'

let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-restart-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const token = async () => /token: (\S+)/.exec(await readFile(join(dir, 'kubeconfig'), 'utf8'))?.[1]

/** What the game says of its engine once that serves it; an engine that a stop has ended is no longer meant. */
async function engineOf(kubeconfig: string) {
  await using games = openGames(kubeconfig)
  const { status } = await games.until('kept', (game) => isReady(game) && isAlive(game.status.engine?.ref))
  return status.engine
}

function isAlive(ref = ''): boolean {
  try {
    return process.kill(Number(ref.replace('process/', '')), 0)
  } catch {
    return false
  }
}

/** Each of these finds the directory as the one before has left it. */
describe('a data directory', () => {
  let firstToken: string | undefined
  let engine: Awaited<ReturnType<typeof engineOf>>

  it('is let go of by SIGTERM, with exit code 0 and nothing left behind', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'galaxy-apply-')), 'game.json')
    await writeFile(file, JSON.stringify(gameManifest('kept')))
    const platform = await startPlatform({ dir, args: ['--apply', file] })
    await rm(file, { recursive: true })
    await engineOf(platform.kubeconfig)
    firstToken = await token()
    await endProcess(platform.child, 'SIGTERM')
    expect({ code: platform.child.exitCode, left: await processesMentioning(dir) }).toEqual({ code: 0, left: [] })
    expect(await readdir(dir)).not.toContain('endpoints.json')
  })

  it('is taken up again with its games, under the same token', async () => {
    const platform = await startPlatform({ dir })
    engine = await engineOf(platform.kubeconfig)
    expect(await token()).toBe(firstToken)
    await endProcess(platform.child, 'SIGKILL')
  })

  it('is taken up after kill -9, and its engines are adopted', async () => {
    const platform = await startPlatform({ dir })
    expect(await engineOf(platform.kubeconfig)).toMatchObject({ ref: engine?.ref, restarts: 0 })
    await endProcess(platform.child, 'SIGINT')
    expect({ code: platform.child.exitCode, left: await processesMentioning(dir) }).toEqual({ code: 0, left: [] })
  })

  it('comes up again when its Postgres is killed under it, while the engines run on', async () => {
    await using platform = await startPlatform({ dir })
    engine = await engineOf(platform.kubeconfig)
    const [pid] = (await readFile(join(dir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await vi.waitFor(() => expect(platform.output()).toContain('everything is up again'), { timeout: 25_000 })
    expect(await engineOf(platform.kubeconfig)).toMatchObject({ ref: engine?.ref, restarts: 0 })
  })

  it('is let go of by a signal that comes while it starts', async () => {
    const child = spawn(galaxy, ['up', '--data-dir', dir, '--ports', 'random'], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    await vi.waitFor(() => expect(said).toContain('starting Postgres'), { timeout: 20_000 })
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
    expect({ code: child.exitCode, left: await processesMentioning(dir) }).toEqual({ code: 0, left: [] })
    expect(said).not.toContain('starting the controller')
  })
})
