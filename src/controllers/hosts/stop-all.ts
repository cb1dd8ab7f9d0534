import { messageOf } from '../../platform/errors.ts'
import { type EngineEntry, type GameRef, HostError } from './port.ts'

type Ports = {
  list: () => Promise<readonly EngineEntry[]>
  stop: (game: GameRef) => Promise<void>
}

/** More are only counted. */
const mostNamed = 10

/**
 * Ends all engines that have not ended, at once. One that cannot be ended keeps no other from it.
 * @throws HostError HostUnavailable naming those that may still run
 */
export async function stopAllEngines({ list, stop }: Ports): Promise<void> {
  const alive = (await listed(list)).filter(({ state }) => state !== 'exited')
  const ends = await Promise.all(alive.map(({ game, ref }) => stop(game).then(() => [], leftOver(game, ref))))
  const left = ends.flat()
  if (left.length === 0) return
  const more = left.length > mostNamed ? `, and ${left.length - mostNamed} more` : ''
  throw new HostError('HostUnavailable', `engines may still run: ${left.slice(0, mostNamed).join(', ')}${more}`)
}

async function listed(list: Ports['list']): Promise<readonly EngineEntry[]> {
  try {
    return await list()
  } catch (error) {
    const message = `engines may still run, and nobody can say which: ${messageOf(error)}`
    throw new HostError('HostUnavailable', message, { cause: error })
  }
}

function leftOver({ namespace, name }: GameRef, ref: string) {
  return (error: unknown) => [`${ref} of game ${namespace}/${name} (${messageOf(error)})`]
}
