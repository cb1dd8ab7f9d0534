import { Code, createClient, createRouterTransport } from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'
import { Push, type PushEvent } from '../../gen/galaxy/push/v1/push_pb.ts'
import { answerConnectErrors } from '../../platform/rpc.ts'
import { positionFrame } from './frames.ts'
import { pushRpc, requireServiceTokenRpc } from './rpc.ts'

function aServer(token: string | undefined) {
  const asked: string[] = []
  const push = {
    async *subscribe(lastCursor: string) {
      asked.push(lastCursor)
      yield positionFrame({ epoch: 'e', position: 1 }, new Date(0), true)
    },
  }
  const interceptors = [
    answerConnectErrors({ domain: 'galaxy.api', onBug: () => undefined }),
    requireServiceTokenRpc(token),
  ]
  const client = createClient(Push, createRouterTransport(pushRpc(push), { router: { interceptors } }))
  const call = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization }
    const seen: PushEvent[] = []
    for await (const frame of client.subscribePush({ lastCursor: 'here' }, { headers })) seen.push(frame)
    return seen
  }
  return { call, asked }
}

describe('SubscribePush', () => {
  it('is for whoever has the service credential', async () => {
    const { call, asked } = aServer('secret')
    expect(await call('Bearer secret')).toMatchObject([{ cursor: 'e.1' }])
    expect(asked).toEqual(['here'])
  })

  it.each([
    { what: 'without the credential', token: 'secret', authorization: undefined },
    { what: 'with another', token: 'secret', authorization: 'Bearer other' },
    { what: 'in another scheme', token: 'secret', authorization: 'Basic secret' },
    { what: 'while none is configured', token: undefined, authorization: 'Bearer undefined' },
  ])('is UNAUTHENTICATED $what (abuse 37)', async ({ token, authorization }) => {
    const { call, asked } = aServer(token)
    await expect(call(authorization)).rejects.toMatchObject({
      code: Code.Unauthenticated,
      rawMessage: 'A valid service credential is needed.',
    })
    expect(asked).toEqual([])
  })
})
