import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRelay, type Relay } from '../../src/controllers/hosts/docker/test-relay.ts'
import type { Game } from '../../src/resources/index.ts'
import { daemonSocket, type DockerPlatform, openDocker, startDockerPlatform } from './docker-platform.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../../scripts/cluster/docker.sh', import.meta.url))
const docker = openDocker()
const names = Array.from({ length: 10 }, (_, index) => `loaded-${index}`)

/** A daemon that scripts/cluster made, which may be ended; its containers outlive it. */
const isOwn = process.env['GALAXY_E2E_OWN'] !== undefined
const daemon = (what: 'start' | 'stop' | 'kill') => run(script, [what])

const turnOf = (game: Game | undefined) => game?.status.turn?.number ?? 0

let dir = ''
let relay: Relay
let on: DockerPlatform
let containers: Awaited<ReturnType<typeof inspectAll>>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-docker-relay-'))
  relay = await openRelay(join(dir, 'docker.sock'), daemonSocket())
  on = await startDockerPlatform({ env: { CONTROLLER_DOCKER_SOCKET: relay.socket } })
  for (const name of names) await on.games.create(name, { turns: { schedule: '*/3 * * * * *' } })
  await turnsMore(1)
  containers = await inspectAll()
})
afterAll(async () => {
  if (isOwn) await daemon('start')
  await on?.[Symbol.asyncDispose]()
  await relay?.[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

async function inspectAll() {
  const found = await Promise.all(names.map((name) => docker.getContainer(`galaxy-game-${name}`).inspect()))
  return found.map(({ Id, State: { Running, StartedAt } }) => ({ Id, Running, StartedAt }))
}

/** Waits until all games have so many turns more. */
async function turnsMore(count: number): Promise<void> {
  const waiting = names.map((name) => {
    const now = turnOf(on.games.informer.get({ namespace: 'default', name }))
    return on.games.until(name, (game) => turnOf(game) >= now + count, 60_000)
  })
  await Promise.all(waiting)
}

/** The turns of a game as everybody was told of them. */
function told(name: string): number[] {
  const turns = on.games.seen.filter(({ metadata }) => metadata.name === name).map(turnOf)
  return turns.filter((turn, index) => turn !== turns[index - 1])
}

/** What is there once all have played on. */
async function afterwards() {
  await turnsMore(2)
  const hasGap = (name: string) => told(name).some((turn, index) => turn !== index)
  const wasRestarted = (name: string) => {
    const engine = on.games.informer.get({ namespace: 'default', name })?.status.engine
    return engine?.epoch !== 1 || engine.restarts !== 0
  }
  return { containers: await inspectAll(), gaps: names.filter(hasGap), restarted: names.filter(wasRestarted) }
}

const nothingLost = () => ({ containers, gaps: [], restarted: [] })

describe('ten games that play, on a daemon', () => {
  it.runIf(isOwn)('that is stopped for 20 s lose no turn and no engine', async () => {
    await daemon('stop')
    await delay(20_000)
    await daemon('start')
    expect(await afterwards()).toEqual(nothingLost())
  })

  it.runIf(isOwn)('that is killed and started again lose no turn and no engine', async () => {
    await daemon('kill')
    await delay(2000)
    await daemon('start')
    expect(await afterwards()).toEqual(nothingLost())
  })

  it('that hangs for a while lose no turn and no engine', async () => {
    const { goOn } = relay.hang()
    await delay(6000)
    goOn()
    expect(await afterwards()).toEqual(nothingLost())
  })

  it('that answers slowly lose no turn and no engine', async () => {
    relay.slowDown(200)
    expect(await afterwards()).toEqual(nothingLost())
    relay.slowDown(0)
  })
})
