import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'

const module = JSON.stringify(new URL('./lifecycle.ts', import.meta.url).href)
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

/** A process of its own that starts and stops as the two bodies say, and tells of both. */
async function run({ start = '', stop = '' }) {
  const script = `import { runUntilSignalled } from ${module}
    // As a listener would, it keeps the process running until it is disposed of.
    const listening = setInterval(() => {}, 60_000)
    const end = () => clearInterval(listening)
    await runUntilSignalled(async (signal) => {
      console.log('starting'); ${start}; console.log('started')
      return { [Symbol.asyncDispose]: async () => { console.log('stopping'); ${stop}; end(); console.log('stopped') } }
    })`
  const started = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let said = ''
  for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const until = async (text: string) => {
    while (!said.includes(text)) await once(started.stdout, 'data')
  }
  const ended = once(started, 'close').then(() => ({ code: started.exitCode, said: said.trim().split('\n') }))
  return { until, ended, kill: (signal: NodeJS.Signals) => started.kill(signal) }
}

describe('a service that runs until it is signalled', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is disposed of at %s, and the process ends with 0', async (signal) => {
    const service = await run({})
    await service.until('started')
    service.kill(signal)
    expect(await service.ended).toEqual({ code: 0, said: ['starting', 'started', 'stopping', 'stopped'] })
  })

  it('ends at once, with 1, at a second signal', async () => {
    const service = await run({ stop: 'await new Promise(() => {})' })
    await service.until('started')
    service.kill('SIGINT')
    await service.until('stopping')
    service.kill('SIGINT')
    expect(await service.ended).toMatchObject({ code: 1 })
  })

  it('may give up starting when a signal comes meanwhile, which is no failure', async () => {
    const wait = `await new Promise((_, reject) => {
      signal.addEventListener('abort', () => { end(); reject(signal.reason) }); console.log('waiting') })`
    const service = await run({ start: wait })
    await service.until('waiting')
    service.kill('SIGTERM')
    expect(await service.ended).toEqual({ code: 0, said: ['starting', 'waiting'] })
  })

  it('that cannot start fails', async () => {
    const service = await run({ start: `end(); throw new Error('no port')` })
    const { code, said } = await service.ended
    expect({ code, said: said.join(' ') }).toEqual({ code: 1, said: expect.stringContaining('no port') })
  })
})
