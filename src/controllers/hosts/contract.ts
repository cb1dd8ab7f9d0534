import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineInstance, EngineSpec, GameRef, Host } from './port.ts'
import { specHash } from './spec-hash.ts'

/** What a driver's test brings along: a host to test, and images that behave as named. */
export type HostUnderTest = {
  host: Host
  /** Another host object on the same resources, as a controller that takes over has it. */
  reopen: () => Promise<Host>
  images: {
    /** Runs until asked to end, and then ends at once. */
    idle: string
    /** Says "cannot go on" and ends with code 3. */
    failing: string
    /** Runs, and ignores SIGTERM. */
    stubborn: string
    /** Appends a line to the file `starts` in its state directory, then runs. */
    counting: string
    /** Writes its environment, a variable a line, to the file `environment` in its state directory, then runs. */
    environment: string
    /** Answers `GET /healthz` where it is told to listen. */
    listening: string
    /** There is no such image. */
    missing: string
  }
  /** The content of a file in the game's state directory; undefined when there is none. */
  readState: (game: GameRef, file: string) => Promise<string | undefined>
  /** The status of an HTTP answer from the engine; throws while there is none. */
  get: (instance: EngineInstance, path: string) => Promise<number>
  /** Where an engine lives only as long as its Game exists: the next of those that were made for these tests. */
  aGame?: () => GameRef
  /** Ends the game's engine behind the host's back. */
  kill: (game: GameRef) => Promise<void>
  dispose: () => Promise<void>
}

const deadline = { timeout: 20_000, interval: 20 }
let games = 0

function aNewGame(): GameRef {
  games += 1
  return { namespace: 'default', name: `game-${games}`, uid: `uid-${process.pid}-${games}` }
}

/** The one suite that every driver passes. */
export function hostContract(name: string, setUp: () => Promise<HostUnderTest>): void {
  describe(`a ${name} host`, () => {
    let under: HostUnderTest
    beforeAll(async () => {
      under = await setUp()
    })
    afterAll(() => under.dispose())

    const aGame = () => under.aGame?.() ?? aNewGame()
    const spec = (game: GameRef, image: string, epoch = 1): EngineSpec => ({
      game,
      image,
      epoch,
      env: [],
      resources: { requests: {}, limits: {} },
      storage: {},
    })
    const only = async (game: GameRef) => (await under.host.find(game))[0]
    const state = (game: GameRef) => expect.poll(async () => (await only(game))?.state, deadline)

    it('pins what an image is', async () => {
      const pulled = await under.host.pull(under.images.idle, AbortSignal.timeout(10_000))
      expect(pulled).toEqual({ imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
    })

    it('says that there is no such image', async () => {
      const pulling = under.host.pull(under.images.missing, AbortSignal.timeout(10_000))
      await expect(pulling).rejects.toMatchObject({ name: 'HostError', failure: 'ImageUnavailable' })
    })

    it('knows nothing of a game that it never ran', async () => {
      expect(await under.host.find(aGame())).toEqual([])
    })

    it('runs an engine and tells where it is', async () => {
      const game = aGame()
      const started = await under.host.start(spec(game, under.images.idle, 7))
      expect(started).toMatchObject({ game, epoch: 7, image: under.images.idle, state: 'running' })
      expect(started.endpoint).toMatch(/^http:\/\//)
      expect(await under.host.find(game)).toEqual([started])
      const { ref } = started
      expect(await under.host.list()).toContainEqual(expect.objectContaining({ game, ref, state: 'running' }))
      expect(started.specHash).toBe(specHash(spec(game, under.images.idle)))
      expect(Math.abs(Date.parse(started.startedAt) - Date.now())).toBeLessThan(60_000)
    })

    it('runs an engine that answers where it is said to be', async () => {
      const started = await under.host.start(spec(aGame(), under.images.listening))
      await expect.poll(() => under.get(started, '/healthz').catch(() => 0), deadline).toBe(200)
    })

    it("gives an engine its epoch and the spec's variables, which cannot change what the platform says", async () => {
      const game = aGame()
      const env = ['LOG_LEVEL', 'GALAXY_ENGINE_EPOCH', 'GALAXY_STATE_DIR'].map((name) => ({ name, value: 'mine' }))
      await under.host.start({ ...spec(game, under.images.environment, 9), env })
      const lines = async () => ((await under.readState(game, 'environment')) ?? '').split('\n')
      await expect.poll(lines, deadline).toEqual(expect.arrayContaining(['LOG_LEVEL=mine', 'GALAXY_ENGINE_EPOCH=9']))
      expect((await lines()).filter((line) => /^GALAXY_.*=mine$/.test(line))).toEqual([])
    })

    it('starts nothing when there is no such image, and then another', async () => {
      const game = aGame()
      const starting = under.host.start(spec(game, under.images.missing))
      await expect(starting).rejects.toMatchObject({ name: 'HostError', failure: 'ImageUnavailable' })
      expect(await under.host.find(game)).toEqual([])
      expect(await under.host.start(spec(game, under.images.idle))).toMatchObject({ state: 'running' })
    })

    it('tells a game from one that had its name before', async () => {
      const game = aGame()
      const later = { ...game, uid: aGame().uid }
      await under.host.start(spec(game, under.images.counting))
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
      expect(await under.host.find(later)).toEqual([])
      expect(await under.readState(later, 'starts')).toBeUndefined()
    })

    it('starts one engine for one epoch, however often and at once it is asked to', async () => {
      const game = aGame()
      const asked = Array.from({ length: 5 }, () => under.host.start(spec(game, under.images.counting)))
      const refs = new Set((await Promise.all(asked)).map(({ ref }) => ref))
      expect(refs.size).toBe(1)
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
    })

    it('starts one engine when two platforms ask at once', async () => {
      const game = aGame()
      const other = await under.reopen()
      const asked = [under.host, other, under.host, other].map((each) => each.start(spec(game, under.images.counting)))
      expect(new Set((await Promise.all(asked)).map(({ ref }) => ref)).size).toBe(1)
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
      await other[Symbol.asyncDispose]()
    })

    it('does not start an epoch again that has ended', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.idle, 3))
      await under.host.stop(game, { graceMs: 5000 })
      expect(await under.host.start(spec(game, under.images.idle, 3))).toMatchObject({ epoch: 3, state: 'exited' })
      expect(await under.host.start(spec(game, under.images.idle, 4))).toMatchObject({ epoch: 4, state: 'running' })
    })

    it('refuses a second engine while one of the game runs', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.idle, 1))
      await expect(under.host.start(spec(game, under.images.idle, 2))).rejects.toMatchObject({ failure: 'StartFailed' })
      expect(await only(game)).toMatchObject({ epoch: 1, state: 'running' })
    })

    it('ends an engine when asked, counts that as asked for, and keeps its state', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.counting))
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
      await under.host.stop(game, { graceMs: 5000 })
      expect(await only(game)).toMatchObject({ state: 'exited', exit: { requested: true } })
      expect((await only(game))?.endpoint).toBeUndefined()
      await under.host.start(spec(game, under.images.counting, 2))
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\nstarted\n')
    })

    it('ends an engine that does not want to, after its grace', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.stubborn))
      await under.host.stop(game, { graceMs: 100 })
      expect(await only(game)).toMatchObject({ state: 'exited', exit: { requested: true } })
    })

    it('may be asked again and again to stop and to remove', async () => {
      const game = aGame()
      await under.host.stop(game, { graceMs: 100 })
      await under.host.start(spec(game, under.images.idle))
      for (const _ of [1, 2]) await under.host.stop(game, { graceMs: 1000 })
      for (const _ of [1, 2]) await under.host.remove(game)
      for (const _ of [1, 2]) await under.host.removeData(game)
      expect(await under.host.find(game)).toEqual([])
    })

    it('tells at once of an engine that ended unasked', async () => {
      const game = aGame()
      const told: string[] = []
      using _watching = under.host.watch(({ uid }) => told.push(uid))
      await under.host.start(spec(game, under.images.idle))
      await under.kill(game)
      await expect.poll(() => told, { timeout: 20_000, interval: 10 }).toContain(game.uid)
      await state(game).toBe('exited')
      expect((await only(game))?.exit?.requested).toBe(false)
    })

    it('tells of an engine that starts, and of nothing once it is told not to', async () => {
      const game = aGame()
      const told: string[] = []
      const watching = under.host.watch(({ uid }) => told.push(uid))
      await under.host.start(spec(game, under.images.idle))
      await expect.poll(() => told, { timeout: 20_000, interval: 10 }).toContain(game.uid)
      watching[Symbol.dispose]()
      told.length = 0
      await under.host.stop(game, { graceMs: 5000 })
      expect(told).toEqual([])
    })

    it('tells how an engine ended and what it said last', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.failing))
      await state(game).toBe('exited')
      expect((await only(game))?.exit).toMatchObject({ code: 3, requested: false, output: 'cannot go on' })
      await under.host.start(spec(game, under.images.idle, 2))
      await under.kill(game)
      await state(game).toBe('exited')
      expect((await only(game))?.exit?.output).toBeUndefined()
    })

    it('removes an engine and keeps its state until told to remove that, too', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.counting))
      await expect.poll(() => under.readState(game, 'starts'), deadline).toBe('started\n')
      await under.host.remove(game)
      expect(await under.host.find(game)).toEqual([])
      expect(await under.readState(game, 'starts')).toBe('started\n')
      await under.host.removeData(game)
      expect(await under.readState(game, 'starts')).toBeUndefined()
    })

    it('does not remove the state below a running engine', async () => {
      const game = aGame()
      await under.host.start(spec(game, under.images.idle))
      await expect(under.host.removeData(game)).rejects.toMatchObject({ name: 'HostError' })
      expect(await only(game)).toMatchObject({ state: 'running' })
    })

    it('is taken over by another without touching the engines, and ends what that one started', async () => {
      const game = aGame()
      const started = await under.host.start(spec(game, under.images.idle))
      const other = await under.reopen()
      expect(await other.find(game)).toEqual([started])
      const told: string[] = []
      using _watching = other.watch(({ uid }) => told.push(uid))
      await under.kill(game)
      await expect.poll(() => told, { timeout: 20_000, interval: 10 }).toContain(game.uid)
      await other.start(spec(game, under.images.idle, 2))
      await other[Symbol.asyncDispose]()
      expect(await only(game)).toMatchObject({ state: 'running', epoch: 2 })
      await under.host.stop(game, { graceMs: 1000 })
      expect(await only(game)).toMatchObject({ state: 'exited' })
    })
  })
}
