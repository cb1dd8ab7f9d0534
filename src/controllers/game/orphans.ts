import type { Log } from '../../platform/log.ts'
import type { Game } from '../../resources/index.ts'
import type { EngineInstance, Host } from '../hosts/index.ts'

export type OrphanPorts = {
  host: Pick<Host, 'list' | 'remove'>
  games: { list: () => readonly Game[] }
  graceMs: number
  now: () => Date
  log: Log
}

/**
 * Removes engines whose Game is gone (its finalizer was taken away by hand, or its store was replaced). Each is first
 * left alone for `graceMs`, because a cache may not know a new Game yet. Their data stays: nobody said to delete it.
 */
export function createOrphanSweep({ host, games, graceMs, now, log }: OrphanPorts) {
  const seenSince = new Map<string, number>()

  return async function sweep(): Promise<void> {
    const known = new Set(games.list().map(({ metadata }) => metadata.uid))
    const orphans = (await host.list()).filter(({ game }) => !known.has(game.uid))
    const uids = new Set(orphans.map(({ game }) => game.uid))
    for (const uid of seenSince.keys()) if (!uids.has(uid)) seenSince.delete(uid)
    for (const orphan of orphans) await settle(orphan)
  }

  async function settle({ game, ref }: EngineInstance): Promise<void> {
    const since = seenSince.get(game.uid) ?? now().getTime()
    seenSince.set(game.uid, since)
    if (now().getTime() - since < graceMs) return
    await host.remove(game)
    seenSince.delete(game.uid)
    log.warn(
      { game: game.name, namespace: game.namespace, ref },
      'removed an engine whose Game is gone; its data is kept',
    )
  }
}
