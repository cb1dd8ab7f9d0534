import { describe, expect, it, vi } from 'vitest'
import { silentLog } from '../platform/log.ts'
import type { Part } from './running-parts.ts'
import { supervise } from './supervisor.ts'

const pauses = { baseMs: 1, maxMs: 5 }

/** Parts, each of which needs the one before it, that write down what happens to them; `fail(name)` ends one as a crash would. */
function theatre(names: readonly string[]) {
  const seen: string[] = []
  const crash = new Map<string, (error: Error) => void>()
  const refusals = new Map<string, Error[]>()
  const parts = names.map((name, index): Part => ({
    name,
    restartsWith: names.slice(Math.max(0, index - 1), index),
    stopWithinMs: 50,
    start: async () => {
      const refusal = refusals.get(name)?.shift()
      seen.push(`${refusal ? 'refuse' : 'start'} ${name}`)
      if (refusal) throw refusal
      const { promise, reject } = Promise.withResolvers<never>()
      crash.set(name, reject)
      return { failed: promise, [Symbol.asyncDispose]: async () => void seen.push(`stop ${name}`) }
    },
  }))
  return {
    seen,
    parts,
    refuse: (name: string, ...errors: Error[]) => refusals.set(name, errors),
    fail: (name: string) => crash.get(name)?.(new Error(`${name} crashed`)),
    options: {
      parts,
      log: silentLog,
      stop: new AbortController().signal,
      onUp: async () => void seen.push('up'),
      onDown: async () => void seen.push('down'),
      pauses,
    },
  }
}

describe('supervised parts', () => {
  it('start in order and stop in reverse', async () => {
    const { options, seen } = theatre(['a', 'b'])
    await (await supervise(options))[Symbol.asyncDispose]()
    expect(seen).toEqual(['start a', 'start b', 'up', 'stop b', 'stop a'])
  })

  it('that fail the first time end the start, and what ran is stopped', async () => {
    const { options, seen, refuse } = theatre(['a', 'b', 'c'])
    refuse('b', new Error('port taken'))
    await expect(supervise(options)).rejects.toThrow('port taken')
    expect(seen).toEqual(['start a', 'refuse b', 'stop a'])
  })

  it('are stopped again when a signal comes while they start', async () => {
    const { options, seen, parts } = theatre(['a', 'b'])
    const stop = new AbortController()
    const start = async () => {
      stop.abort('SIGTERM')
      return { [Symbol.asyncDispose]: async () => void seen.push('stop first') }
    }
    const first: Part = { name: 'first', stopWithinMs: 50, start }
    await expect(supervise({ ...options, parts: [first, ...parts], stop: stop.signal })).rejects.toBe('SIGTERM')
    expect(seen).toEqual(['stop first'])
  })

  it('that fail later are started again, with those that cannot go on without them', async () => {
    const { options, seen, fail } = theatre(['a', 'b', 'c'])
    await using _supervisor = await supervise(options)
    seen.length = 0
    fail('b')
    await vi.waitFor(() => expect(seen).toContain('up'))
    expect(seen).toEqual(['down', 'stop c', 'stop b', 'start b', 'start c', 'up'])
  })

  it('that can go on without a failed one do, and are still stopped in reverse', async () => {
    const { options, seen, fail, parts } = theatre(['database', 'server', 'mailbox', 'edge'])
    const [database, server, mailbox, edge] = parts
    if (!database || !server || !mailbox || !edge) throw new Error('no parts')
    const free = [database, server, { ...mailbox, restartsWith: [] }, { ...edge, restartsWith: [] }]
    const supervisor = await supervise({ ...options, parts: free })
    seen.length = 0
    fail('database')
    await vi.waitFor(() => expect(seen).toContain('up'))
    fail('edge')
    await vi.waitFor(() => expect(seen.filter((line) => line === 'up')).toHaveLength(2))
    await supervisor[Symbol.asyncDispose]()
    const database2 = ['down', 'stop server', 'stop database', 'start database', 'start server', 'up']
    const edge2 = ['down', 'stop edge', 'start edge', 'up']
    expect(seen).toEqual([...database2, ...edge2, 'stop edge', 'stop mailbox', 'stop server', 'stop database'])
  })

  it('are started again until they start', async () => {
    const { options, seen, fail, refuse } = theatre(['a'])
    await using _supervisor = await supervise(options)
    refuse('a', new Error('one'), new Error('two'))
    fail('a')
    await vi.waitFor(() => expect(seen.filter((line) => line === 'up')).toHaveLength(2))
    expect(seen.slice(2)).toEqual(['down', 'stop a', 'refuse a', 'refuse a', 'start a', 'up'])
  })

  it('are started again from the first that failed, also when it fails during a repair', async () => {
    const { options, seen, fail, parts } = theatre(['database', 'server'])
    const [database, server] = parts
    if (!database || !server) throw new Error('no parts')
    const flaky: Part = {
      ...server,
      start: async () => {
        // The second start of the server finds that the database has gone meanwhile.
        if (seen.filter((line) => line === 'start server').length === 1 && !seen.includes('stop database')) {
          fail('database')
          throw new Error('no database')
        }
        return server.start()
      },
    }
    await using _supervisor = await supervise({ ...options, parts: [database, flaky] })
    fail('server')
    await vi.waitFor(() => expect(seen.filter((line) => line === 'up')).toHaveLength(2))
    expect(seen.slice(3)).toEqual(['down', 'stop server', 'stop database', 'start database', 'start server', 'up'])
  })

  it('are suspended where they know how to, and disposed of at the end', async () => {
    const { options, seen, parts, fail } = theatre(['a'])
    const start = async () => ({
      suspend: async () => void seen.push('suspend b'),
      [Symbol.asyncDispose]: async () => void seen.push('stop b'),
    })
    const supervisor = await supervise({
      ...options,
      parts: [...parts, { name: 'b', restartsWith: ['a'], stopWithinMs: 50, start }],
    })
    fail('a')
    await vi.waitFor(() => expect(seen.filter((line) => line === 'up')).toHaveLength(2))
    await supervisor[Symbol.asyncDispose]()
    expect(seen.slice(2)).toEqual(['down', 'suspend b', 'stop a', 'start a', 'up', 'stop b', 'stop a'])
  })

  it('are not started again once they are being stopped', async () => {
    const { options, seen, fail } = theatre(['a'])
    const supervisor = await supervise({ ...options, pauses: { baseMs: 60_000, maxMs: 60_000 } })
    fail('a')
    await vi.waitFor(() => expect(seen).toContain('stop a'))
    await supervisor[Symbol.asyncDispose]()
    expect(seen).toEqual(['start a', 'up', 'down', 'stop a'])
  })

  it('that do not end in time are left behind, and it is told which', async () => {
    const { options, seen, parts } = theatre(['a'])
    const start = async () => ({ [Symbol.asyncDispose]: () => new Promise<void>(() => undefined) })
    const stuck: Part = { name: 'stuck', stopWithinMs: 10, start }
    const supervisor = await supervise({ ...options, parts: [...parts, stuck] })
    await expect(supervisor[Symbol.asyncDispose]()).rejects.toMatchObject({
      name: 'ShutdownError',
      message: expect.stringMatching(/^stopping stuck: it has not ended within 0.01 s/),
    })
    expect(seen).toEqual(['start a', 'up', 'stop a'])
  })

  it('that cannot be ended keep no other from being so, and are told of, a line for each', async () => {
    const { options, seen, parts } = theatre(['a'])
    const broken = ['b', 'c'].map((name): Part => {
      const dispose = () => Promise.reject(new Error(`engines of ${name} still run`))
      return { name, stopWithinMs: 1000, start: async () => ({ [Symbol.asyncDispose]: dispose }) }
    })
    const supervisor = await supervise({ ...options, parts: [...parts, ...broken] })
    const message = 'stopping c: engines of c still run\nstopping b: engines of b still run'
    await expect(supervisor[Symbol.asyncDispose]()).rejects.toMatchObject({ name: 'ShutdownError', message })
    expect(seen).toEqual(['start a', 'up', 'stop a'])
  })
})
