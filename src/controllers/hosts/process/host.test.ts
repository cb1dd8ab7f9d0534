import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../../../platform/log.ts'
import { createProcessHost, type ProcessHost } from './host.ts'

let dir = ''
let host: ProcessHost
const open = () => createProcessHost({ dir: join(dir, 'engines'), images: {}, allowFileImages: true, log: silentLog })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-process-host-'))
  host = await open()
})
afterEach(async () => {
  await host.stopAll({ graceMs: 100 })
  await host[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

/** An executable image out of a Node.js script. */
async function image(script: string): Promise<string> {
  const path = join(dir, `engine-${Math.random().toString(36).slice(2)}`)
  await writeFile(path, `#!${process.execPath}\n${script}`)
  await chmod(path, 0o755)
  return pathToFileURL(path).href
}

const idle = 'setInterval(() => {}, 1000)'

function spec(image: string, change: object = {}) {
  const game = { namespace: 'default', name: 'x', uid: 'uid-1' }
  return { game, image, epoch: 1, env: [], resources: { requests: {}, limits: {} }, storage: {}, ...change }
}

it('smoke', async () => {
  const one = await host.start(spec(await image(idle)))
  expect(one.state).toBe('running')
  const second = await open()
  expect(await second.find(one.game)).toEqual([one])
  await second[Symbol.asyncDispose]()
  const changed = new Promise((resolve) => void host.watch(resolve))
  process.kill(Number(one.ref.split('/')[1]), 'SIGKILL')
  await changed
  expect(await host.find(one.game)).toMatchObject([{ state: 'exited', exit: { signal: 'SIGKILL', requested: false } }])
  const two = await host.start(spec(await image('console.error("boom"); process.exit(3)'), { epoch: 2 }))
  await expect.poll(async () => (await host.find(two.game))[0]).toMatchObject({ state: 'exited', exit: { code: 3, output: 'boom' } })
  const env = await image('require("fs").writeFileSync(process.env.GALAXY_STATE_DIR + "/env", JSON.stringify(process.env)); setInterval(() => {}, 1000)')
  const three = await host.start(spec(env, { epoch: 3, env: [{ name: 'GALAXY_ENGINE_PORT', value: '1' }, { name: 'A', value: 'b' }] }))
  await expect.poll(() => readFile(join(dir, 'engines', 'uid-1', 'state', 'env'), 'utf8').catch(() => '')).toContain('"A":"b"')
  await host.stop(three.game, { graceMs: 1000 })
  expect(await host.find(three.game)).toMatchObject([{ exit: { requested: true } }])
  await host.remove(three.game)
  expect(await host.list()).toEqual([])
})
