import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { callsOf, initBody, temporaryDir } from './fixtures.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const bundler = fileURLToPath(new URL('../../scripts/image/bundle.ts', import.meta.url))
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function launch(dir: string, environment: Record<string, string> = {}, args = [program]) {
  const child = spawn(process.execPath, args, {
    env: { GALAXY_STATE_DIR: dir, GALAXY_ENGINE_HOST: '127.0.0.1', GALAXY_ENGINE_PORT: '0', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, said }))
  const listening = async () => {
    const found = () => /"url":"([^"]+)"/.exec(said)?.[1]
    while (found() === undefined) {
      if (child.exitCode !== null) throw new Error(said)
      await once(child.stderr, 'data')
    }
    return callsOf(found() ?? '')
  }
  return { child, ended, listening }
}

// Ample time: each start of a process takes a second on a machine that is busy with other tests.
describe('the engine process', { timeout: 60_000 }, () => {
  it('ends with 0 at SIGTERM, after the turn that it is making', async () => {
    await using dir = await temporaryDir()
    const engine = launch(dir.path)
    const calls = await engine.listening()
    await calls.init(initBody())
    const turn = calls.turn(1)
    await vi.waitFor(async () => expect(await readdir(join(dir.path, 'turns'))).toHaveLength(2), {
      timeout: 30_000,
      interval: 1,
    })
    engine.child.kill('SIGTERM')
    expect((await turn).status).toBe(200)
    expect(await engine.ended).toMatchObject({ code: 0, signal: null })
  })

  it('is the same put together into one file, as the image has it', async () => {
    await using dir = await temporaryDir()
    await promisify(execFile)(process.execPath, [bundler, dir.path])
    const run = 'require(process.argv[1]).runEngine(process.env).then((code) => (process.exitCode = code))'
    const engine = launch(dir.path, {}, ['-e', run, join(dir.path, 'build', 'engine.cjs')])
    const calls = await engine.listening()
    expect(await calls.init(initBody())).toMatchObject({ status: 200, json: { initialized: true } })
    expect(await calls.init({})).toMatchObject({ status: 400, json: { code: 'invalid_input' } })
    expect(await calls.turn(1)).toMatchObject({ status: 200, json: { turn: 1 } })
    engine.child.kill('SIGTERM')
    expect(await engine.ended).toMatchObject({ code: 0, signal: null })
  })

  it('says in one line what keeps it from starting, and ends with 1', async () => {
    await using dir = await temporaryDir()
    const engine = launch(dir.path, { GALAXY_ENGINE_PORT: 'http' })
    const { code, said } = await engine.ended
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/^[^\n]*GALAXY_ENGINE_PORT: [^\n]*\n$/) })
  })

  it('ends itself when a newer engine has taken over', async () => {
    await using dir = await temporaryDir()
    const old = launch(dir.path, { GALAXY_ENGINE_EPOCH: '1' })
    const calls = await old.listening()
    await launch(dir.path, { GALAXY_ENGINE_EPOCH: '2' }).listening()
    expect((await calls.status(1)).json['code']).toBe('stale_epoch')
    expect(await old.ended).toMatchObject({ signal: null })
  })

  it('ends itself when its parent has died and nobody calls any more', async () => {
    await using dir = await temporaryDir()
    const script = `const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, [${JSON.stringify(program)}], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] })
      require('node:fs').writeFileSync(${JSON.stringify(join(dir.path, 'pid'))}, String(child.pid))
      setInterval(() => undefined, 1000)`
    const env = {
      GALAXY_STATE_DIR: dir.path,
      GALAXY_ENGINE_HOST: '127.0.0.1',
      GALAXY_ENGINE_PORT: '0',
      GALAXY_ORPHAN_GRACE: '200ms',
    }
    const parent = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    children.push(parent)
    let said = ''
    parent.stderr.setEncoding('utf8').on('data', (text) => (said += text))
    await vi.waitFor(() => expect(said).toContain('"url"'), { timeout: 30_000, interval: 20 })
    const pid = Number(await readFile(join(dir.path, 'pid'), 'utf8'))
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 30_000, interval: 20 })
  })

  it('killed at any moment comes back with its last complete turn and all orders it had confirmed', async () => {
    await using dir = await temporaryDir()
    let turn = 0
    for (let round = 1; round <= 10; round += 1) {
      const engine = launch(dir.path, { GALAXY_ENGINE_EPOCH: String(round) })
      const calls = await engine.listening()
      if (round === 1) await calls.init(initBody(['Terrans', 'Vegans'], { size: 'medium', seed: 9 }), round)
      const found = Number((await calls.status(round)).json['turn'])
      expect([turn, turn + 1], `round ${round}`).toContain(found)
      turn = found
      const name = { type: 'rename', planet: await ownPlanet(calls), name: `Round ${round}` }
      expect((await calls.order('Terrans', turn + 1, [name], round)).status).toBe(200)
      const kill = setTimeout(() => engine.child.kill('SIGKILL'), round * 1.3)
      for (;;) {
        const answer = await calls.turn(turn + 1, round).catch(() => undefined)
        if (answer?.status !== 200) break
        turn += 1
      }
      clearTimeout(kill)
      expect(await engine.ended).toMatchObject({ signal: 'SIGKILL' })
    }
    await checkAll(dir.path, turn)
  })
})

async function ownPlanet(calls: ReturnType<typeof callsOf>): Promise<number> {
  const report = (await calls.report('Terrans')).json as { planets: { id: number; known: string }[] }
  return report.planets.find(({ known }) => known === 'own')?.id ?? 0
}

/** Every turn there is can be read, and the names say that no confirmed order was lost. */
async function checkAll(dir: string, turn: number): Promise<void> {
  await writeFile(join(dir, 'turns', 'stray.txt'), '')
  const last = launch(dir, { GALAXY_ENGINE_EPOCH: '11' })
  const calls = await last.listening()
  const found = Number((await calls.status(11)).json['turn'])
  expect([turn, turn + 1]).toContain(found)
  for (let each = 0; each <= found; each += 1) expect((await calls.report('Terrans', each)).status).toBe(200)
  expect((await calls.turn(found + 1, 11)).status).toBe(200)
  expect((await calls.report('Terrans')).text).toContain('"name":"Round 10"')
}
