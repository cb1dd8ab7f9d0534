import { buffer } from 'node:stream/consumers'
import type { GameRef } from '../port.ts'
import { engineUser } from '../engine-user.ts'
import { stateFolder, volumePath } from './container.ts'
import { call, callUnless, type Daemon } from './daemon.ts'
import { gameLabels, volumeName } from './names.ts'
import { firstContent, tar } from './tar.ts'

const stopMark = 'stop-requested'

/** Makes the game's volume unless it is there. */
export async function makeVolume(daemon: Daemon, game: GameRef, instance: string): Promise<void> {
  const volume = { Name: volumeName(game), Labels: gameLabels(game, instance) }
  await call((abortSignal) => daemon.createVolume({ ...volume, abortSignal }), { failure: 'StartFailed' })
}

/** Removes the game's volume, which no container may use any more. */
export async function removeVolume(daemon: Daemon, game: GameRef): Promise<void> {
  await callUnless([404], (abortSignal) => daemon.getVolume(volumeName(game)).remove({ abortSignal }))
}

/** Gives the engine a folder of its own in the volume: the daemon makes a volume root's, and engines are not root. */
export async function prepareState(daemon: Daemon, id: string): Promise<void> {
  const archive = tar({ folder: stateFolder, mode: 0o700, ...engineUser })
  await call((abortSignal) => daemon.getContainer(id).putArchive(archive, { path: volumePath, abortSignal }))
}

/**
 * Notes that the container's end is asked for, where it survives this process and the container: labels cannot change.
 * It holds for this container only, so a mark that an earlier one left means nothing.
 */
export async function markStop(daemon: Daemon, id: string): Promise<void> {
  const archive = tar({ file: stopMark, content: id, mode: 0o644 })
  await callUnless([404], (abortSignal) =>
    daemon.getContainer(id).putArchive(archive, { path: volumePath, abortSignal }),
  )
}

/** Whether the container's end was asked for. */
export async function isStopMarked(daemon: Daemon, id: string): Promise<boolean> {
  const path = `${volumePath}/${stopMark}`
  const archive = await callUnless([404], async (abortSignal) =>
    buffer(await daemon.getContainer(id).getArchive({ path, abortSignal })),
  )
  return archive !== undefined && firstContent(archive) === id
}
