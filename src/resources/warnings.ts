import { z } from 'zod'
import { GameSpec } from './game-spec.ts'

/** Something that is allowed, and that whoever writes it should know. Fields that are to go belong here, too. */
export type Warning = { field: string; message: string }

/** What to say of an object that has the shape of its schema. */
export type Warn = (object: unknown) => Warning[]

export const warnNobody: Warn = () => []

export const warnOfGame: Warn = (object) => {
  const spec = z.object({ spec: GameSpec }).safeParse(object).data?.spec
  return spec ? [...warnOfImage(spec), ...warnOfRoster(spec)] : []
}

function warnOfImage({ engine: { image } }: GameSpec): Warning[] {
  if (image === undefined || isPinned(image)) return []
  const message = `"${image}" may be another image tomorrow, and a restart would then change the engine of a running game`
  return [{ field: 'spec.engine.image', message }]
}

/** A stopped game may wait for its players: nothing is created before it runs. */
function warnOfRoster({ players, enrollment, runState }: GameSpec): Warning[] {
  if (enrollment || runState === 'Stopped' || (players && players.length > 0)) return []
  const message = 'nobody can play this game, and its roster is fixed once the engine has created it'
  return [{ field: 'spec.players', message }]
}

/** By a digest, or by a tag other than `latest`. A colon before the last slash belongs to a port. */
function isPinned(image: string): boolean {
  if (image.includes('@')) return true
  const [, tag] = image.slice(image.lastIndexOf('/') + 1).split(':')
  return tag !== undefined && tag !== 'latest'
}
