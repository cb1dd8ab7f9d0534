import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processesMentioning } from '../../../../test/support/processes.ts'
import { silentLog } from '../../../platform/log.ts'
import type { EngineSpec, GameRef } from '../port.ts'
import { createProcessHost, type ProcessHost } from './host.ts'
import { type TestImages, writeTestImages } from './test-images.ts'

/** A host with a folder of its own. Disposed of, it leaves no engine and no file. */
export type TestHost = AsyncDisposable & {
  host: ProcessHost
  /** Where it keeps its engines. */
  engines: string
  images: TestImages
  /** Another host on the same folder. */
  open: () => Promise<ProcessHost>
  /** The content of a file in the game's state directory; '' when there is none. */
  state: (game: GameRef, file: string) => Promise<string>
}

export async function openTestHost(): Promise<TestHost> {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-process-host-'))
  const engines = join(dir, 'engines')
  const images = await writeTestImages(dir)
  const open = () => createProcessHost({ dir: engines, images: {}, allowFileImages: true, log: silentLog })
  const host = await open()
  const state = ({ uid }: GameRef, file: string) => readFile(join(engines, uid, 'state', file), 'utf8').catch(() => '')
  return { host, engines, images, open, state, [Symbol.asyncDispose]: dispose }

  async function dispose(): Promise<void> {
    await host.stopAll({ graceMs: 100 })
    await host[Symbol.asyncDispose]()
    // What a failed test lost sight of.
    for (const pid of await processesMentioning(`${engines}/`)) process.kill(pid, 'SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }
}

/** An engine of the image, of the first epoch and with nothing special. */
export function testSpec(game: GameRef, image: string, change: Partial<EngineSpec> = {}): EngineSpec {
  return { game, image, epoch: 1, env: [], resources: { requests: {}, limits: {} }, storage: {}, ...change }
}
