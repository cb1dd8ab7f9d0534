import { createDeviceKey, createGalaxyClient, type GalaxyClient } from '../../src/client/index.ts'
import { createNodeTransport } from '../../src/client/node.ts'
import { readCode } from './foreign-device.ts'

export type PlayerOptions = {
  edgePublic: string
  edgeAuth: string
  mailbox: string
  email: string
  protocol?: 'connect' | 'grpc' | 'grpc-web'
}

export type Player = Disposable & { client: GalaxyClient; userId: string }

/** A player who has signed in through the mailbox, with the SDK. */
export async function signInPlayer({ edgePublic, edgeAuth, mailbox, email, protocol }: PlayerOptions): Promise<Player> {
  const transport = createNodeTransport({ url: edgeAuth, ...(protocol ? { protocol } : {}) })
  const client = createGalaxyClient({ publicUrl: edgePublic, transport, key: await createDeviceKey() })
  const { challengeId } = await client.auth.sendEmailCode(email)
  const code = await readCode(mailbox, email)
  await client.auth.confirmEmailCode({ challengeId, code, deviceLabel: 'test' })
  const { id } = await client.account()
  return { client, userId: id, [Symbol.dispose]: () => transport[Symbol.dispose]() }
}
