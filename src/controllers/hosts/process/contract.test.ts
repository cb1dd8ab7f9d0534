import { hostContract } from '../contract.ts'
import { openTestHost } from './test-host.ts'

hostContract('process', async () => {
  const under = await openTestHost()
  const { host, images, open, state } = under
  return {
    host,
    reopen: open,
    images: { ...images, missing: 'no-such-image:1' },
    readState: async (game, file) => (await state(game, file)) || undefined,
    get: async ({ endpoint = '' }, path) => (await fetch(`${endpoint}${path}`)).status,
    kill: async (game) => {
      const [instance] = await host.find(game)
      process.kill(-Number(instance?.ref.split('/')[1]), 'SIGKILL')
    },
    dispose: async () => under[Symbol.asyncDispose](),
  }
})
