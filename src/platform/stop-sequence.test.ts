import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { StopSequence } from './stop-sequence.ts'

/** A time that passes only when somebody waits for it, and a sequence that lives in it. */
function aSequence({ withinMs }: { withinMs: number }) {
  let nowMs = 0
  const done: string[] = []
  const said: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => said.push(line) })
  const stop = new StopSequence({
    withinMs,
    log,
    clock: { now: () => new Date(nowMs) },
    wait: async (ms, signal) => {
      // The step has the first word: it hangs if it has nothing to say by then.
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) return
      nowMs += ms
    },
  })
  const ends = (name: string, afterMs = 0) => {
    stop.add(name, (withinMs) => {
      nowMs += afterMs
      done.push(`${name} within ${withinMs}`)
    })
  }
  const hangs = (name: string, withinMs?: number) =>
    stop.add(name, () => new Promise<never>(() => undefined), withinMs === undefined ? {} : { withinMs })
  return { stop, done, said, ends, hangs }
}

describe('a shutdown', () => {
  it('undoes first what was done last', async () => {
    const { stop, done, ends } = aSequence({ withinMs: 100 })
    for (const name of ['database', 'services', 'listener']) ends(name)
    await stop[Symbol.asyncDispose]()
    expect(done.map((each) => each.split(' ')[0])).toEqual(['listener', 'services', 'database'])
  })

  it('gives each step its own deadline or what is left of the common one, whichever is smaller', async () => {
    const { stop, done, ends } = aSequence({ withinMs: 100 })
    stop.add('last', (withinMs) => void done.push(`last within ${withinMs}`), { withinMs: 50 })
    ends('second', 30)
    stop.add('first', (withinMs) => void done.push(`first within ${withinMs}`), { withinMs: 20 })
    await stop[Symbol.asyncDispose]()
    expect(done).toEqual(['first within 20', 'second within 100', 'last within 50'])
  })

  it('goes on after a step that hangs, names it, and fails (abuse 82)', async () => {
    const { stop, done, said, ends, hangs } = aSequence({ withinMs: 1000 })
    ends('database')
    hangs('mail', 400)
    ends('listener')
    await expect(stop[Symbol.asyncDispose]()).rejects.toThrow('the shutdown was not clean: mail')
    expect(done).toEqual(['listener within 1000', 'database within 100'])
    expect(JSON.parse(said.join(''))).toMatchObject({ step: 'mail', problem: 'it has not ended within 400 ms' })
  })

  it('still begins every step when the common deadline has passed', async () => {
    const { stop, done, ends, hangs } = aSequence({ withinMs: 100 })
    ends('database')
    ends('services')
    hangs('listener')
    await expect(stop[Symbol.asyncDispose]()).rejects.toThrow('listener')
    expect(done).toEqual(['services within 0', 'database within 0'])
  })

  it('goes on after a step that fails, and names it', async () => {
    const { stop, done, said, ends } = aSequence({ withinMs: 100 })
    ends('database')
    stop.add('mail', () => Promise.reject(new Error('no route')))
    await expect(stop[Symbol.asyncDispose]()).rejects.toThrow('mail')
    expect(done).toHaveLength(1)
    expect(said.join('')).toContain('no route')
  })

  it('happens once, however often it is asked for', async () => {
    const { stop, done, ends } = aSequence({ withinMs: 100 })
    ends('database')
    await Promise.all([stop[Symbol.asyncDispose](), stop[Symbol.asyncDispose]()])
    expect(done).toHaveLength(1)
  })

  it('leaves no timer behind that would keep the process', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const before = timers()
    const end = new AbortController()
    const stop = new StopSequence({ withinMs: 60_000, log: pino({ level: 'silent' }) })
    stop.add('step', async () => void (await once(end.signal, 'abort')))
    const stopped = stop[Symbol.asyncDispose]()
    expect(timers()).toBe(before + 1)
    end.abort()
    await stopped
    expect(timers()).toBe(before)
  })

  it('runs steps together that were added alongside one another, and the others in order', async () => {
    const { stop, done, ends } = aSequence({ withinMs: 1000 })
    const halfway = Promise.withResolvers<void>()
    const waits = (name: string) => async () => {
      done.push(`${name} begins`)
      await halfway.promise
    }
    ends('telemetry')
    stop.add('first', waits('first'))
    stop.add('second', waits('second'), { alongside: true })
    stop.add('third', () => halfway.resolve(), { alongside: true })
    ends('listener')
    await stop[Symbol.asyncDispose]()
    const [begin, end] = [done[0], done.at(-1)].map((each) => each?.split(' within')[0])
    expect([begin, end]).toEqual(['listener', 'telemetry'])
    expect(done.slice(1, -1).toSorted()).toEqual(['first begins', 'second begins'])
  })
})
