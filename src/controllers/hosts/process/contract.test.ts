import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processesMentioning } from '../../../../test/support/processes.ts'
import { silentLog } from '../../../platform/log.ts'
import { hostContract } from '../contract.ts'
import { createProcessHost } from './host.ts'
import { writeTestImages } from './test-images.ts'

hostContract('process', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'galaxy-process-contract-'))
  const engines = join(dir, 'engines')
  const reopen = () => createProcessHost({ dir: engines, images: {}, allowFileImages: true, log: silentLog })
  const host = await reopen()
  const images = await writeTestImages(dir)
  return {
    host,
    reopen,
    images: { ...images, missing: 'no-such-image:1' },
    readState: ({ uid }, file) => readFile(join(engines, uid, 'state', file), 'utf8').catch(() => undefined),
    get: async ({ endpoint = '' }, path) => (await fetch(`${endpoint}${path}`)).status,
    kill: async (game) => {
      const [instance] = await host.find(game)
      process.kill(-Number(instance?.ref.split('/')[1]), 'SIGKILL')
    },
    dispose: async () => {
      await host.stopAll({ graceMs: 200 })
      await host[Symbol.asyncDispose]()
      for (const pid of await processesMentioning(`${engines}/`)) process.kill(pid, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
})
