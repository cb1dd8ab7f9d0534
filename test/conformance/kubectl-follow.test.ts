import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands, ok, ready } from './games.ts'
import { currentOnly } from './kubectl.ts'
import { openTarget, type Target } from './target.ts'

let target: Target
let k: ReturnType<typeof commands>
beforeAll(async () => {
  target = await openTarget()
  k = commands(target)
})
afterAll(() => target[Symbol.asyncDispose]())

const cells = (line = '') => line.split(/ {2,}/)

describe('kubectl get -w', currentOnly, () => {
  it('prints a line for every change until it is stopped', async () => {
    await k.create('watched')
    const stop = new AbortController()
    let lines: string[] = []
    const shown = Promise.withResolvers<void>()
    const onOutput = (stdout: string) => {
      lines = stdout.trim().split('\n')
      if (lines.length === 1) void k.setStatus('watched', { phase: 'Pending' })
      if (lines.length === 2) void k.setStatus('watched', { phase: 'Running', turn: { number: 1 } })
      if (lines.length === 3) shown.resolve()
    }
    const args = ['get', 'game', 'watched', '-w', '--no-headers']
    const watching = k.kubectl(args, { signal: stop.signal, onOutput })
    await shown.promise
    stop.abort()
    await watching
    expect(lines.map((line) => cells(line).slice(0, 2))).toEqual([
      ['watched', expect.stringMatching(/s$/)],
      ['watched', 'Pending'],
      ['watched', 'Running'],
    ])
    await k.kubectl(['delete', 'game', 'watched'])
  })
})

describe('events', currentOnly, () => {
  it('shows the events of the object, and only those', async () => {
    await k.create('eventful')
    const uid = await k.field('eventful', '.metadata.uid')
    const event = (name: string, involved: object, reason: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: target.namespace },
      involvedObject: { apiVersion: 'galaxy.dev/v1', kind: 'Game', namespace: target.namespace, ...involved },
      type: 'Normal',
      reason,
      message: `${reason} it`,
      count: 3,
      source: { component: 'galaxy-controller' },
      firstTimestamp: new Date(Date.now() - 60_000),
      lastTimestamp: new Date(),
    })
    const items = [
      event('eventful.1', { name: 'eventful', uid }, 'Started'),
      event('andromeda.1', { name: 'other', uid: 'x' }, 'Stopped'),
    ]
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    expect(await k.send(list, 'create')).toEqual(ok('event/eventful.1 created\nevent/andromeda.1 created\n'))
    const { stdout } = await k.kubectl(['describe', 'game', 'eventful'])
    expect(stdout).toMatch(/\n {2}Type +Reason +Age +From +Message\n/)
    expect(stdout).toMatch(/\n {2}Normal +Started +\d+s \(x3 over \d+s\) +galaxy-controller +Started it\n$/)
    const table = (await k.kubectl(['get', 'events', '--field-selector', 'involvedObject.name=eventful'])).stdout.split(
      '\n',
    )
    expect(cells(table[0])).toEqual(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'])
    expect(cells(table[1])).toEqual([expect.stringMatching(/s$/), 'Normal', 'Started', 'game/eventful', 'Started it'])
    expect((await k.kubectl(['events', '--for', 'game/eventful'])).stdout).toMatch(
      /Normal +Started +Game\/eventful +Started it/,
    )
    await k.kubectl(['delete', 'game', 'eventful'])
  })
})

describe('kubectl wait', currentOnly, () => {
  it('waits until something comes true', async () => {
    await k.create('waiting')
    const waits = [
      k.kubectl(['wait', '--for=condition=Ready', 'game/waiting', '--timeout=20s']),
      k.kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'game/waiting', '--timeout=20s']),
    ]
    await k.setStatus('waiting', { phase: 'Pending' })
    await k.setStatus('waiting', { phase: 'Running', conditions: [ready] })
    const met = ok('game.galaxy.dev/waiting condition met\n')
    expect(await Promise.all(waits)).toEqual([met, met])
    const deleted = k.kubectl(['wait', '--for=delete', 'game/waiting', '--timeout=20s'])
    await k.kubectl(['delete', 'game', 'waiting', '--wait=false'])
    expect((await deleted).code).toBe(0)
  })
})
