import type { EngineVersion, Game } from '../../resources/index.ts'

export type Surroundings = {
  games: { list: () => readonly Game[] }
  versions: { list: () => readonly EngineVersion[] }
  /** Games of every namespace may use the EngineVersions of this one. */
  sharedNamespace: string
}

/** The games that run this version: a namespace's own EngineVersion stands before the shared one of its number. */
export function usersOf({ metadata, spec: { version } }: EngineVersion, around: Surroundings): Game[] {
  const { namespace } = metadata
  const running = around.games.list().filter(({ status }) => status.engine?.version === version)
  if (namespace !== around.sharedNamespace) return running.filter((game) => game.metadata.namespace === namespace)
  const sameNumber = around.versions.list().filter(({ spec }) => spec.version === version)
  const owners = new Set(sameNumber.map((each) => each.metadata.namespace).filter((each) => each !== namespace))
  return running.filter((game) => !owners.has(game.metadata.namespace))
}
