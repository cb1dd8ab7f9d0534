import { messageOf } from '../../platform/errors.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import type { EngineEntry, GameRef, Host } from '../hosts/index.ts'

export type OrphanPorts = {
  host: Pick<Host, 'list' | 'remove'>
  games: { list: () => readonly Game[] }
  /** Asks the API server. Throws for a Game that cannot be read, too: that one exists. */
  fetchGame: (key: ObjectKey) => Promise<Game | undefined>
  /** Where `games` looks: an engine of elsewhere is somebody else's. Everywhere when absent. */
  namespaces?: readonly string[] | undefined
  graceMs: number
  /** A clock that nobody can set. */
  now: () => Date
  log: Log
}

/**
 * Removes engines whose Game is gone (its finalizer was taken away by hand, or its store was replaced). Each is first
 * left alone for `graceMs`, because a cache may not know a new Game yet. Nor is a cache believed that knows none: only the
 * API server's own word that there is no such Game ends an engine. Its data stays: nobody said to delete it.
 */
export function createOrphanSweep({ host, games, fetchGame, namespaces, graceMs, now, log }: OrphanPorts) {
  const seenSince = new Map<string, number>()

  return async function sweep(): Promise<void> {
    const known = new Set(games.list().map(({ metadata }) => metadata.uid))
    const isOurs = ({ namespace }: GameRef) => namespaces?.includes(namespace) ?? true
    const orphans = (await host.list()).filter(({ game }) => isOurs(game) && !known.has(game.uid))
    const uids = new Set(orphans.map(({ game }) => game.uid))
    for (const uid of seenSince.keys()) if (!uids.has(uid)) seenSince.delete(uid)
    for (const orphan of orphans) await settle(orphan)
  }

  async function settle({ game, ref }: EngineEntry): Promise<void> {
    const since = seenSince.get(game.uid) ?? now().getTime()
    seenSince.set(game.uid, since)
    if (now().getTime() - since < graceMs || !(await isGone(game))) return
    await host.remove(game)
    seenSince.delete(game.uid)
    log.warn(
      { game: game.name, namespace: game.namespace, ref },
      'removed an engine whose Game is gone; its data is kept',
    )
  }

  async function isGone(game: GameRef): Promise<boolean> {
    try {
      return (await fetchGame(game))?.metadata.uid !== game.uid
    } catch (error) {
      const about = { game: game.name, namespace: game.namespace, problem: messageOf(error) }
      log.debug(about, 'an engine whose Game is not known is left alone: the API server does not say that it is gone')
      return false
    }
  }
}
