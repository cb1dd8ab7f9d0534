import { expect, it, onTestFinished } from 'vitest'
import { answer, listOf, startFakeApi, status } from '../../../platform/kubernetes/fake-api.ts'
import { silentLog } from '../../../platform/log.ts'
import { createView } from './view.ts'

it('does not take a namespace that refuses for an empty one, and shows what runs in the others', async () => {
  const api = await startFakeApi(({ path, query }, response) => {
    if (path.includes('/lost/')) answer(response, 403, status(403, 'Forbidden'))
    else if (query.has('watch')) response.writeHead(200).flushHeaders()
    else answer(response, 200, listOf([], 5))
  })
  onTestFinished(() => api[Symbol.asyncDispose]())
  const view = createView({ config: api.config, namespaces: ['here', 'lost'], refusedMs: 100, log: silentLog })
  onTestFinished(() => view[Symbol.asyncDispose]())
  await view.synced()
  await view.synced('here')
  await expect(view.synced('lost')).rejects.toMatchObject({ failure: 'HostUnavailable' })
})
