/** What the registry needs to know of a stream. */
export type Registered = { userId: string; deviceSessionId: string }

export type Registry<T extends Registered> = ReturnType<typeof createRegistry<T>>

/** The open streams by user and session. */
export function createRegistry<T extends Registered>() {
  const users = new Map<string, Map<string, Set<T>>>()

  const ofSession = (userId: string, deviceSessionId: string): T[] => [
    ...(users.get(userId)?.get(deviceSessionId) ?? []),
  ]
  const ofUser = (userId: string): T[] => [...(users.get(userId)?.values() ?? [])].flatMap((streams) => [...streams])

  return {
    ofSession,
    ofUser,
    all: (): T[] => [...users.keys()].flatMap(ofUser),

    add(stream: T): void {
      const sessions = users.get(stream.userId) ?? new Map<string, Set<T>>()
      const streams = sessions.get(stream.deviceSessionId) ?? new Set<T>()
      users.set(stream.userId, sessions.set(stream.deviceSessionId, streams.add(stream)))
    },

    remove(stream: T): void {
      const sessions = users.get(stream.userId)
      const streams = sessions?.get(stream.deviceSessionId)
      streams?.delete(stream)
      if (streams?.size === 0) sessions?.delete(stream.deviceSessionId)
      if (sessions?.size === 0) users.delete(stream.userId)
    },
  }
}
