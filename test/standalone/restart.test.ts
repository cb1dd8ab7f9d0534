import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGalaxy } from '../support/command.ts'
import { endProcess } from '../support/controller.ts'
import { startPlatform } from '../support/platform.ts'
import { processesMentioning } from '../support/processes.ts'

let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-restart-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const manifest = {
  apiVersion: 'galaxy.dev/v1',
  kind: 'EngineVersion',
  metadata: { name: 'kept' },
  spec: { version: '8.8.8', image: 'galaxy-engine:1.0.0' },
}

const token = async () => /token: (\S+)/.exec(await readFile(join(dir, 'kubeconfig'), 'utf8'))?.[1]

/** Every one of these tests finds the directory as the one before has left it. */
describe('a data directory', () => {
  let firstToken: string | undefined

  it('is let go of by SIGTERM, with exit code 0 and nothing left behind', async () => {
    const file = join(dir, '..', `${process.pid}-kept.yaml`)
    await writeFile(file, JSON.stringify(manifest))
    const platform = await startPlatform({ dir, args: ['--apply', file] })
    firstToken = await token()
    await endProcess(platform.child, 'SIGTERM')
    await rm(file)
    expect(platform.child.exitCode).toBe(0)
    expect(await readdir(dir)).not.toContain('endpoints.json')
    expect(await processesMentioning(dir)).toEqual([])
  })

  it('is taken up again with what it held, under the same token', async () => {
    const platform = await startPlatform({ dir })
    const { stdout } = await runGalaxy(['get', 'ev', 'kept', '--kubeconfig', platform.kubeconfig])
    expect(stdout).toContain('8.8.8')
    expect(await token()).toBe(firstToken)
    await endProcess(platform.child, 'SIGKILL')
  })

  it('is taken up after kill -9, at once', async () => {
    const platform = await startPlatform({ dir })
    const { stdout } = await runGalaxy(['get', 'ev', 'kept', '--kubeconfig', platform.kubeconfig])
    expect(stdout).toContain('8.8.8')
    await endProcess(platform.child, 'SIGINT')
    expect(platform.child.exitCode).toBe(0)
  })

  it('comes up again when its Postgres is killed under it', async () => {
    await using platform = await startPlatform({ dir })
    const [pid] = (await readFile(join(dir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGKILL')
    await vi.waitFor(() => expect(platform.output()).toContain('everything is up again'), { timeout: 20_000 })
    const { stdout } = await runGalaxy(['get', 'ev', 'kept', '--kubeconfig', platform.kubeconfig])
    expect(stdout).toContain('8.8.8')
  })
})
