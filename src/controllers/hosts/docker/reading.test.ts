import { describe, expect, it } from 'vitest'
import { gameLabels } from './names.ts'
import { asEntry, asInstance, readEngine, readExit, readListing } from './reading.ts'

const game = { namespace: 'default', name: 'x', uid: 'uid-x' }
const inspected = {
  Id: '0123456789abcdef',
  Name: '/galaxy-game-x',
  Image: 'sha256:1',
  Config: {
    Image: 'engine:1',
    Labels: { ...gameLabels(game, 'here'), 'galaxy.dev/epoch': '4', 'galaxy.dev/spec-hash': 'h' },
  },
  State: { Status: 'running', StartedAt: '2026-11-21T10:01:56.663687128Z', ExitCode: 0, OOMKilled: false },
  NetworkSettings: { Ports: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '40001' }] } },
}

const read = (state: Partial<(typeof inspected)['State']>, rest = {}) => {
  const engine = readEngine({ ...inspected, ...rest, State: { ...inspected.State, ...state } })
  if (!engine) throw new Error('no engine')
  return engine
}

describe('a container', () => {
  it('that runs is an engine at a port of this machine', () => {
    expect(asInstance(read({}), { imageDigest: 'sha256:2' })).toEqual({
      game,
      ref: 'galaxy-game-x/0123456789ab',
      image: 'engine:1',
      epoch: 4,
      specHash: 'h',
      startedAt: '2026-11-21T10:01:56.663Z',
      state: 'running',
      endpoint: 'http://127.0.0.1:40001',
      imageDigest: 'sha256:2',
    })
  })

  it.each([[{ '8080/tcp': null }], [{ '8080/tcp': [] }], [{}], [null]])(
    'without a published port (%j) is found by its name',
    (Ports) => {
      expect(asInstance(read({}, { NetworkSettings: { Ports } })).endpoint).toBe('http://galaxy-game-x:8080')
    },
  )

  it.each([
    ['created', 'created'],
    ['running', 'running'],
    ['paused', 'running'],
    ['restarting', 'running'],
    ['removing', 'exited'],
    ['exited', 'exited'],
    ['dead', 'exited'],
  ])('that is %s counts as %s', (Status, state) => {
    expect(read({ Status }).state).toBe(state)
  })

  it('of nobody knows is no engine', () => {
    expect(readEngine({ ...inspected, Config: { Image: 'postgres', Labels: null } })).toBeUndefined()
  })

  it('that somebody made by hand for a game is an engine of epoch 0', () => {
    const labels = { 'galaxy.backend': '1', 'galaxy.game-uid': 'uid-x', 'galaxy.dev/game': 'x' }
    expect(read({}, { Config: { Image: 'engine:1', Labels: labels } })).toMatchObject({ game, epoch: 0, specHash: '' })
  })
})

describe('a container in a list', () => {
  const { Id, Config } = inspected
  const list = (State: string, rest: object = {}) =>
    readListing({ Id, Names: ['/galaxy-game-x'], Labels: Config.Labels, State, ...rest })

  it.each(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'])(
    'that is %s is the engine that it is when it is looked at alone',
    (state) => {
      const { id, name, instance, game: itsGame, ...alone } = read({ Status: state })
      const listed = list(state)
      expect(listed).toEqual({ id, name, instance, game: itsGame, state: alone.state })
      expect(listed && asEntry(listed)).toEqual({
        game,
        ref: asInstance(read({ Status: state })).ref,
        state: asInstance(read({ Status: state })).state,
      })
    },
  )

  it('of nobody is no engine', () => {
    expect(list('running', { Labels: {} })).toBeUndefined()
    expect(list('running', { Labels: null, Names: [] })).toBeUndefined()
  })
})

describe('the end of an engine', () => {
  const how = { requested: false, output: 'bye' }

  it('has the code it ended with and what it said', () => {
    expect(readExit(read({ Status: 'exited', ExitCode: 3 }), how)).toEqual({ code: 3, requested: false, output: 'bye' })
  })

  it('has the signal that ended it', () => {
    expect(readExit(read({ Status: 'exited', ExitCode: 137 }), how)).toMatchObject({ code: 137, signal: 'SIGKILL' })
  })

  it('says that the engine needed too much memory', () => {
    const exit = readExit(read({ Status: 'exited', ExitCode: 137, OOMKilled: true }), { ...how, output: '' })
    expect(exit).toMatchObject({ outOfMemory: true, signal: 'SIGKILL' })
  })
})
