import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog, silentLog } from '../../../platform/log.ts'
import type { EngineSpec, GameRef } from '../port.ts'
import { containerOptions } from './container.ts'
import { connectDaemon } from './daemon.ts'
import { createEngines } from './engines.ts'
import { createDockerHost, type DockerHost } from './host.ts'
import { containerName, gameLabels, volumeName } from './names.ts'
import { asEntry } from './reading.ts'
import { openTestDaemon, type TestDaemon, testImages, testInstance } from './test-daemon.ts'
import { openRelay } from './test-relay.ts'

const game: GameRef = { namespace: 'default', name: 'docker-x', uid: 'uid-docker-x' }
const later: GameRef = { ...game, uid: 'uid-docker-later' }
const deadline = { timeout: 20_000, interval: 20 }

function spec(image: string, rest: Partial<EngineSpec> = {}): EngineSpec {
  return { game, image, epoch: 1, env: [], resources: { requests: {}, limits: {} }, storage: {}, ...rest }
}

let daemon: TestDaemon
let host: DockerHost
const open = (socket = daemon.socket, log = silentLog) => createDockerHost({ socket, instance: testInstance, log })

beforeAll(async () => {
  daemon = await openTestDaemon()
})
beforeEach(async () => {
  host = await open()
})
afterEach(async () => {
  await host[Symbol.asyncDispose]()
  await daemon.clear()
})
afterAll(() => daemon.clear())

/** The engines of this test: others may use the daemon, too. */
async function listed() {
  return (await host.list()).filter(({ game }) => game.uid.startsWith('uid-'))
}

/** What a shell command inside the game's container says. */
async function inside(command: string): Promise<string> {
  const exec = await daemon.docker
    .getContainer(containerName(game))
    .exec({ Cmd: ['sh', '-c', `${command} 2>&1`], AttachStdout: true, Tty: true })
  return (await buffer(await exec.start({ Tty: true }))).toString().trim()
}

describe('a list of all engines', () => {
  it('costs one call of the daemon, however many there are', async () => {
    const games = Array.from({ length: 5 }, (_, index) => ({
      ...game,
      name: `many-${index}`,
      uid: `uid-many-${index}`,
    }))
    const started = await Promise.all(games.map((each) => host.start(spec(testImages.idle, { game: each }))))
    const counted = await connectDaemon(daemon.socket)
    const { modem } = counted
    let calls = 0
    const dial = modem.dial.bind(modem)
    modem.dial = (...call) => {
      calls += 1
      dial(...call)
    }
    const { listOurs } = createEngines(counted, { network: undefined, instance: testInstance })
    const refs = (await listOurs()).map((each) => asEntry(each).ref)
    expect(refs).toEqual(expect.arrayContaining(started.map(({ ref }) => ref)))
    expect(calls).toBe(1)
  })
})

describe('an engine in a container', () => {
  it('is nobody, can become nobody else, and writes nowhere but to its state and /tmp', async () => {
    await host.start(spec(testImages.idle))
    const status = await inside('cat /proc/self/status')
    expect(status).toMatch(/Uid:\s+65532\s+65532\s+65532/)
    expect(status).toMatch(/CapEff:\s+0000000000000000/)
    expect(status).toMatch(/CapBnd:\s+0000000000000000/)
    expect(status).toMatch(/NoNewPrivs:\s+1/)
    expect(await inside('touch /x /app /var/lib/x')).toMatch(/(Read-only file system[^]*){3}/)
    expect(await inside('touch /var/lib/galaxy/stop-requested')).toContain('Permission denied')
    expect(await inside('touch /tmp/x $GALAXY_STATE_DIR/x && echo written')).toBe('written')
  })

  it('may not use more memory than its game says', async () => {
    await host.start(spec(testImages.idle, { resources: { requests: {}, limits: { memory: '64Mi' } } }))
    const hungry = 'const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))'
    const exec = await daemon.docker.getContainer(containerName(game)).exec({ Cmd: ['node', '-e', hungry] })
    await exec.start({})
    await expect.poll(async () => (await exec.inspect()).Running, deadline).toBe(false)
    expect((await exec.inspect()).ExitCode).toBe(137)
  })

  it('tells what its image is, whatever the name of it was pulled as, and stands for now', async () => {
    const tag = `moved-${process.pid}`
    const image = `galaxy-test-engine:${tag}`
    const name = (of: string) => daemon.docker.getImage(of).tag({ repo: 'galaxy-test-engine', tag })
    const idOf = async (of: string) => (await daemon.docker.getImage(of).inspect()).Id
    await name(testImages.idle)
    expect(await host.pull(image, AbortSignal.timeout(10_000))).toEqual({ imageDigest: await idOf(testImages.idle) })
    await name(testImages.listening)
    const started = await host.start(spec(image))
    expect(started).toMatchObject({ image, imageDigest: await idOf(testImages.listening) })
    await name(testImages.idle)
    expect(await host.find(game)).toEqual([started])
    await daemon.docker.getImage(image).remove()
    await using later = await open()
    expect(await later.find(game)).toEqual([started])
  })

  it('that is paused behind our back can be ended all the same', async () => {
    await host.start(spec(testImages.idle))
    await daemon.docker.getContainer(containerName(game)).pause()
    await host.stop(game, { graceMs: 5000 })
    expect(await host.find(game)).toMatchObject([{ state: 'exited', exit: { code: 0, requested: true } }])
  })

  it('whose container is removed behind our back is told of, gone, and can be started again with its state', async () => {
    await host.start(spec(testImages.counting))
    await expect.poll(() => daemon.readState(game, 'starts'), deadline).toBe('started\n')
    const told: string[] = []
    using _watching = host.watch(({ uid }) => told.push(uid))
    await daemon.docker.getContainer(containerName(game)).remove({ force: true })
    await expect.poll(() => told, { timeout: 20_000, interval: 10 }).toContain(game.uid)
    expect(await host.find(game)).toEqual([])
    await host.start(spec(testImages.counting, { epoch: 2 }))
    await expect.poll(() => daemon.readState(game, 'starts'), deadline).toBe('started\nstarted\n')
  })

  it('of a game in another namespace has a name of its own', async () => {
    const other = { ...later, namespace: 'games' }
    const refs = [await host.start(spec(testImages.idle)), await host.start(spec(testImages.idle, { game: other }))]
    expect(refs.map(({ ref }) => ref.split('/')[0])).toEqual(['galaxy-game-docker-x', 'galaxy-game-docker-x_games'])
  })
})

describe('a container that cannot be started', () => {
  it('because its image has no such program is an engine that ends at once and says so', async () => {
    const source = await daemon.docker.createContainer({ Image: testImages.idle })
    await source.commit({ repo: 'galaxy-test-engine', tag: 'broken', changes: 'ENTRYPOINT ["/nothing"]' })
    await source.remove()
    await host.start(spec('galaxy-test-engine:broken'))
    const exit = { code: 127, requested: false, output: expect.stringContaining('/nothing') }
    await expect.poll(() => host.find(game), deadline).toMatchObject([{ state: 'exited', exit }])
  })

  it('because there is no such network is told of in the words of the daemon, and does not stay', async () => {
    const network = 'no-such-net'
    await using elsewhere = await createDockerHost({
      socket: daemon.socket,
      network,
      instance: testInstance,
      log: silentLog,
    })
    const starting = elsewhere.start(spec(testImages.idle))
    await expect(starting).rejects.toMatchObject({
      failure: 'StartFailed',
      message: expect.stringContaining('no-such-net'),
    })
    expect(await listed()).toEqual([])
  })
})

describe('a container that has the name already', () => {
  it('is left alone when it is not of this platform', async () => {
    const name = containerName(game)
    const foreign = await daemon.docker.createContainer({ name, Image: testImages.idle })
    const starting = host.start(spec(testImages.idle))
    await expect(starting).rejects.toMatchObject({ failure: 'StartFailed', message: expect.stringContaining(name) })
    await host.remove(game)
    expect((await foreign.inspect()).State.Status).toBe('created')
    await foreign.remove()
  })

  it('is not taken from an engine of an earlier game while that runs', async () => {
    const earlier = await host.start(spec(testImages.idle))
    const starting = host.start(spec(testImages.idle, { game: later }))
    await expect(starting).rejects.toMatchObject({ failure: 'StartFailed', message: expect.stringContaining(game.uid) })
    expect(await host.find(game)).toEqual([earlier])
    await host.stop(game, { graceMs: 5000 })
    expect(await host.start(spec(testImages.idle, { game: later }))).toMatchObject({ game: later, state: 'running' })
    expect(await host.find(game)).toEqual([])
  })
})

describe('a platform that died after it made a container and before it started it', () => {
  const make = async (made: EngineSpec) => {
    await daemon.docker.createVolume({ Name: volumeName(made.game), Labels: gameLabels(made.game, testInstance) })
    return daemon.docker.createContainer(containerOptions(made, { network: undefined, instance: testInstance }))
  }

  it('has started nothing, and a successor starts just that one', async () => {
    const { id } = await make(spec(testImages.counting))
    expect(await host.find(game)).toEqual([])
    const started = await host.start(spec(testImages.counting))
    expect(started.ref).toContain(id.slice(0, 12))
    await expect.poll(() => daemon.readState(game, 'starts'), deadline).toBe('started\n')
  })

  it('is in the way of no other epoch and no other spec', async () => {
    const { id } = await make(spec(testImages.idle))
    const changed = spec(testImages.idle, { epoch: 1, env: [{ name: 'LOG_LEVEL', value: 'debug' }] })
    const started = await host.start(changed)
    expect(started.ref).not.toContain(id.slice(0, 12))
    expect((await listed()).map(({ ref }) => ref)).toEqual([started.ref])
  })

  it('has left something that is listed, so that it is removed once its game is gone', async () => {
    await make(spec(testImages.idle))
    expect(await listed()).toMatchObject([{ game, state: 'exited' }])
    await host.remove(game)
    expect(await listed()).toEqual([])
    await host.removeData(game)
  })
})

describe('a platform that died after it asked an engine to end', () => {
  it('has asked for that end, also when the engine only ends later', async () => {
    await host.start(spec(testImages.stubborn))
    await expect.poll(() => daemon.readState(game, 'ready'), deadline).toBe('')
    const dying = await open()
    void dying.stop(game, { graceMs: 60_000 }).catch(() => undefined)
    await expect.poll(() => inside('cat /var/lib/galaxy/stop-requested'), deadline).toMatch(/^[0-9a-f]{64}$/)
    await daemon.kill(game)
    expect(await host.find(game)).toMatchObject([{ state: 'exited', exit: { requested: true, signal: 'SIGKILL' } }])
    await dying[Symbol.asyncDispose]()
    await host.start(spec(testImages.idle, { epoch: 2 }))
    await daemon.kill(game)
    await expect.poll(() => host.find(game)).toMatchObject([{ state: 'exited', exit: { requested: false } }])
  })
})

describe('a platform that is killed while it starts engines', () => {
  const program = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
  const games = Array.from({ length: 6 }, (_, index) => ({
    namespace: 'default',
    name: `crash-${index}`,
    uid: `uid-crash-${index}`,
  }))

  it('loses none, doubles none, and leaves none behind once they are removed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const args = [program, daemon.socket, testImages.counting, String(games.length)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      await once(child.stdout, 'data')
      await delay(round * 120 + Math.random() * 120)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const found = (await Promise.all(games.map((each) => host.find(each)))).flat().map(({ ref }) => ref)
      const started = await Promise.all(games.map((each) => host.start(spec(testImages.counting, { game: each }))))
      const refs = started.map(({ ref }) => ref)
      expect(found.filter((ref) => !refs.includes(ref))).toEqual([])
      expect((await listed()).map(({ ref }) => ref).sort()).toEqual(refs.sort())
      for (const each of games) await expect.poll(() => daemon.readState(each, 'starts'), deadline).toBe('started\n')
      await Promise.all(games.map((each) => host.remove(each)))
      await Promise.all(games.map((each) => host.removeData(each)))
      expect(await listed()).toEqual([])
    }
  }, 120_000)
})

describe('a daemon that goes away', () => {
  it('is told of, harms no engine, and is used again once it is back, with what has happened meanwhile', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'galaxy-docker-relay-'))
    await using relay = await openRelay(join(dir, 'docker.sock'), daemon.socket)
    const said: string[] = []
    const log = createLog({ level: 'info', format: 'json', to: { write: (line) => void said.push(line) } })
    await using far = await open(relay.socket, log)
    const started = await far.start(spec(testImages.idle))
    await relay.takeAway()
    const failing = [
      () => far.find(game),
      () => far.list(),
      () => far.start(spec(testImages.idle)),
      () => far.remove(game),
    ]
    for (const each of failing) await expect(each()).rejects.toMatchObject({ failure: 'HostUnavailable' })
    const pulling = far.pull(testImages.idle, AbortSignal.timeout(1000))
    await expect(pulling).rejects.toMatchObject({ failure: 'HostUnavailable' })
    expect(await host.find(game)).toEqual([started])
    const told: string[] = []
    using _watching = far.watch(({ uid }) => told.push(uid))
    await daemon.kill(game)
    const lines = (text: string) => said.filter((line) => line.includes(text)).length
    await expect.poll(() => lines('the Docker daemon tells nothing'), deadline).toBe(1)
    await relay.bringBack()
    await expect.poll(() => told, deadline).toContain(game.uid)
    await expect.poll(() => lines('the Docker daemon is there again'), deadline).toBe(1)
    expect(await far.find(game)).toMatchObject([{ ref: started.ref, state: 'exited', exit: { requested: false } }])
    told.length = 0
    await far.start(spec(testImages.idle, { epoch: 2 }))
    await expect.poll(() => told, deadline).toContain(game.uid)
    await rm(dir, { recursive: true, force: true })
  })
})
