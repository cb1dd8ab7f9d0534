import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type RedisLink = AsyncDisposable & {
  url: string
  /** From now on commands arrive, and their replies are kept back. */
  holdReplies: () => void
  /** Gives the replies that were kept back, and all later ones. */
  giveReplies: () => void
  /** Cuts all connections; what was kept back is lost. New ones work. */
  cut: () => void
  leadTo: (url: string) => void
  /** Connections that were opened so far. */
  opened: () => number
}

/** The network between an edge and Redis, which can lose the reply to a command that was executed. */
export async function startRedisLink(redisUrl: string): Promise<RedisLink> {
  const sockets = new Set<Socket>()
  let target = new URL(redisUrl)
  let held: (() => void)[] | undefined
  let opened = 0

  const server = createServer((client) => {
    opened += 1
    const redis = connect(Number(target.port), target.hostname)
    for (const [each, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(each)
      each.on('error', () => undefined)
      each.on('close', () => {
        sockets.delete(each)
        other.destroy()
      })
    }
    client.pipe(redis)
    redis.on('data', (reply) => {
      if (held) held.push(() => client.write(reply))
      else client.write(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()

  return {
    url: `redis://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    holdReplies: () => (held ??= []),
    giveReplies: () => {
      const replies = held ?? []
      held = undefined
      for (const give of replies) give()
    },
    cut: () => {
      held = undefined
      for (const socket of sockets) socket.destroy()
    },
    leadTo: (url) => (target = new URL(url)),
    opened: () => opened,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
