import { describe, expect, it } from 'vitest'
import { aPod, aService, containerState, game, spec } from './fixtures.ts'
import type { Pod } from './kinds.ts'
import { annotations, labels } from './names.ts'
import { imageDigestOf, readEngine, readStopped, startProblem, stateOf, waitsFor, writeStopped } from './reading.ts'

const running = containerState({ running: { startedAt: '2026-01-01T00:00:05Z' } })
const ended = (exitCode: number, more: object = {}) => containerState({ terminated: { exitCode, ...more } })
const ready = (containers: string, pod: string) => ({
  ...running,
  conditions: [
    { type: 'ContainersReady', status: containers },
    { type: 'Ready', status: pod },
  ],
})

const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:03Z' }

describe('a Pod', () => {
  it.each([
    ['without a status', {}, 'starting'],
    ['that waits for a node', { phase: 'Pending' }, 'starting'],
    ['whose container waits', containerState({ waiting: { reason: 'ContainerCreating' } }), 'starting'],
    ['whose container runs', running, 'running'],
    ['whose container and itself are ready', ready('True', 'True'), 'running'],
    ['whose container has ended', ended(0), 'exited'],
    ['that was evicted before it had a container', { phase: 'Failed', reason: 'Evicted' }, 'exited'],
  ])('%s is %s', (_, status, state) => {
    expect(stateOf(aPod(status))).toBe(state)
  })

  it('that runs is an engine at its own address', () => {
    expect(readEngine(aPod(running), aService())).toEqual({
      game,
      ref: 'galaxy-game-andromeda-7/pod-1',
      image: spec.image,
      epoch: 4,
      specHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      startedAt: '2026-01-01T00:00:05Z',
      state: 'running',
      endpoint: 'http://10.1.0.7:8080',
      safeToEvict: true,
    })
  })

  it.each([
    ['is ready, but the Pod is not', ready('True', 'False'), 'node node-1 does not answer'],
    ['is lost', { ...running, reason: 'NodeLost' }, 'node node-1 does not answer'],
    ['is unknown', { ...running, phase: 'Unknown', message: 'no news' }, 'node node-1 does not answer: no news'],
  ])('whose container %s, because its node is away, may still run', (_, status, away) => {
    const pod = aPod(status)
    const engine = readEngine({ ...pod, spec: { ...pod.spec, nodeName: 'node-1' } }, aService())
    expect(engine).toMatchObject({ state: 'running', away })
  })

  it.each([
    ['without a Service', '10.1.0.7', 'http://10.1.0.7:8080'],
    ['over IPv6', 'fd00::7', 'http://[fd00::7]:8080'],
    ['and has no address yet', '', undefined],
  ])('that runs %s is called there', (_, podIP, endpoint) => {
    expect(readEngine(aPod({ ...running, podIP }), undefined)?.endpoint).toBe(endpoint)
  })

  it('that has not started is an engine on its way, unless it goes again', () => {
    const pod = aPod({})
    expect(readEngine(pod, aService())).toMatchObject({
      state: 'starting',
      epoch: 4,
      startedAt: '2026-01-01T00:00:00Z',
    })
    const deletionTimestamp = '2026-01-01T00:00:09Z'
    expect(readEngine({ ...pod, metadata: { ...pod.metadata, deletionTimestamp } }, aService())).toBeUndefined()
  })

  it.each([
    ['has none yet', {}, undefined],
    ['has one', { type: 'PodScheduled', status: 'True' }, undefined],
    [
      'finds none',
      { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' },
      '0/1 nodes are available',
    ],
    ['is not told', { type: 'PodScheduled', status: 'False' }, 'no node has been found for it'],
  ])('whose scheduler %s is unschedulable: %j → %s', (_, condition, why) => {
    const conditions = 'type' in condition ? [condition] : []
    expect(readEngine(aPod({ conditions }), aService())?.unschedulable).toBe(why)
  })

  it.each(['andromeda-7', 'andromeda.7', `andromeda-${'7'.repeat(80)}`])(
    'that the cluster has made an orphan still is the engine of %s',
    (name) => {
      const pod = aPod(running, { ...spec, game: { ...game, name } })
      pod.metadata.ownerReferences = []
      expect(readEngine(pod, aService())?.game).toEqual({ ...game, name })
    },
  )

  it.each<[string, (metadata: Pod['metadata']) => unknown]>([
    ['without the label of its game', (metadata) => delete metadata.labels[labels.game]],
    ["without the label of its game's uid", (metadata) => delete metadata.labels[labels.gameUid]],
    ['of another name', (metadata) => (metadata.name = 'mine')],
  ])('of nobody, %s, is no engine', (_, edit) => {
    const pod = aPod(running)
    pod.metadata.ownerReferences = []
    edit(pod.metadata)
    expect(readEngine(pod, aService())).toBeUndefined()
  })

  it('of another owner is no engine, whatever its labels say', () => {
    const pod = aPod(running)
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-2', controller: true }
    pod.metadata.ownerReferences = [owner]
    expect(readEngine(pod, aService())).toBeUndefined()
  })

  it.each([
    [ended(3, { reason: 'Error', message: 'cannot go on\n' }), { code: 3, output: 'cannot go on', requested: false }],
    [ended(137, { reason: 'Error' }), { signal: 'SIGKILL', requested: false }],
    [ended(137, { reason: 'OOMKilled' }), { signal: 'SIGKILL', outOfMemory: true, requested: false }],
    [ended(0, { reason: 'Completed' }), { code: 0, requested: false }],
    [
      { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      { turnedAway: 'node (unknown): Evicted: low on memory', requested: false },
    ],
    [
      { ...ended(137, { reason: 'Error' }), phase: 'Failed', reason: 'Terminated', message: 'node shutdown' },
      { turnedAway: 'node (unknown): Terminated: node shutdown', requested: false },
    ],
    [
      { ...ended(128, { reason: 'ContainerCannotRun', message: 'no such file' }), phase: 'Failed' },
      { code: 128, output: 'no such file', requested: false },
    ],
    [{ phase: 'Failed' }, { turnedAway: 'node (unknown): it gave no reason', requested: false }],
    [{ phase: 'Succeeded' }, { requested: false }],
  ])('tells how it ended: %j', (status, exit) => {
    expect(readEngine(aPod(status), aService())?.exit).toEqual(exit)
  })

  it.each([
    'NodeAffinity',
    'OutOfcpu',
    'OutOfmemory',
    'OutOfpods',
    'UnexpectedAdmissionError',
    'NodeShutdown',
    'Shutdown',
    'Preempting',
  ])('that its node refused with %s has ended by no doing of its own', (reason) => {
    const pod = aPod({ phase: 'Failed', reason, message: 'so it is' })
    const engine = readEngine({ ...pod, spec: { ...pod.spec, nodeName: 'node-1' } }, aService())
    const exit = { requested: false, turnedAway: `node node-1: ${reason}: so it is` }
    expect(engine).toMatchObject({ state: 'exited', exit })
  })

  it.each([
    ['has no node yet', {}, 'no node yet: its phase is Pending', undefined],
    [
      'creates its container',
      { ...containerState({ waiting: { reason: 'ContainerCreating' } }), conditions: [scheduled] },
      'node node-1: ContainerCreating',
      scheduled.lastTransitionTime,
    ],
    ['cannot have its image', containerState({ waiting: { reason: 'ErrImagePull' } }), undefined, undefined],
    ['finds no node', { conditions: [{ type: 'PodScheduled', status: 'False' }] }, undefined, undefined],
    ['runs', running, undefined, '2026-01-01T00:00:05Z'],
  ])('that %s is being prepared: %j → %s', (_, status, preparing, since = '2026-01-01T00:00:00Z') => {
    const pod = aPod(status)
    const nodeName = 'conditions' in status || 'containerStatuses' in status ? 'node-1' : ''
    const engine = readEngine({ ...pod, spec: { ...pod.spec, nodeName } }, aService())
    expect(engine).toMatchObject({ startedAt: since })
    expect(engine?.preparing).toBe(preparing)
  })

  it('that was asked to end is remembered as such, also when it is gone', () => {
    const engine = readEngine(aPod(running), aService())
    const service = aService()
    if (engine) service.metadata.annotations[annotations.stopped] = writeStopped(engine)
    expect(readEngine(aPod(ended(0)), service)?.exit).toMatchObject({ requested: true })
    expect(readStopped(service)).toMatchObject({
      ref: engine?.ref,
      epoch: 4,
      state: 'exited',
      exit: { requested: true },
    })
  })

  it.each(['', '{', '{"ref":1}'])('is not remembered by a note that somebody has edited to %j', (note) => {
    const service = aService()
    service.metadata.annotations[annotations.stopped] = note
    expect(readStopped(service)).toBeUndefined()
  })

  it.each([
    ['ErrImagePull', 'ImageUnavailable'],
    ['ImagePullBackOff', 'ImageUnavailable'],
    ['InvalidImageName', 'ImageUnavailable'],
    ['ErrImageNeverPull', 'ImageUnavailable'],
    ['CreateContainerConfigError', 'StartFailed'],
    ['ContainerCreating', undefined],
  ])('that waits because of %s is %s', (reason, failure) => {
    const pod = aPod(containerState({ waiting: { reason, message: 'so it is' } }))
    const problem = startProblem(pod)
    expect(problem?.failure).toBe(failure)
    if (failure === 'ImageUnavailable')
      expect(problem?.message).toMatch(new RegExp(`^image \\S+ cannot be pulled from \\S+.*: ${reason}: so it is; `))
    expect(waitsFor(pod)).toBe(`${reason}: so it is`)
  })

  it('says what the scheduler says', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }]
    expect(waitsFor(aPod({ conditions }))).toBe('0/1 nodes are available')
  })

  it.each(['docker://sha256:', 'docker-pullable://engine@sha256:', 'sha256:'])(
    'tells its digest from %s…',
    (prefix) => {
      const imageID = `${prefix}${'a'.repeat(64)}`
      expect(imageDigestOf(aPod(containerState({}, { imageID })))).toBe(`sha256:${'a'.repeat(64)}`)
    },
  )

  it('has the digest that its image is named by, once its node has it', () => {
    const named = { ...spec, image: `engine@sha256:${'b'.repeat(64)}` }
    const imageID = `docker://sha256:${'a'.repeat(64)}`
    expect(imageDigestOf(aPod(containerState({}, { imageID }), named))).toBe(`sha256:${'b'.repeat(64)}`)
    expect(imageDigestOf(aPod(containerState({}), named))).toBeUndefined()
  })

  it('that runs tells what its image is, whatever the name means by now', () => {
    const imageID = `docker://sha256:${'a'.repeat(64)}`
    const pod = aPod(containerState({ running: {} }, { imageID }))
    expect(readEngine(pod, aService())?.imageDigest).toBe(`sha256:${'a'.repeat(64)}`)
  })
})
