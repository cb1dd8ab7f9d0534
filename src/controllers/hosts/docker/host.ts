import type { Log } from '../../../platform/log.ts'
import type { EngineEntry, Host } from '../port.ts'
import { stopAllEngines } from '../stop-all.ts'
import { connectDaemon, hostError } from './daemon.ts'
import { createEngines } from './engines.ts'
import { pullImage } from './images.ts'
import { asEntry } from './reading.ts'
import { createWatch } from './watching.ts'

export type DockerHostOptions = {
  /** Path of the daemon's socket. */
  socket: string
  /** Network on which engines are found by their containers' names; without one, each gets a port of the loopback. */
  network?: string | undefined
  /** Which of the platforms on the daemon this is: what another one has made is left alone. */
  instance: string
  /** Path of a Docker configuration (`config.json`) with the credentials for registries. */
  credentials?: string | undefined
  /** A pull that shows no progress for so long is given up. */
  pullIdleMs?: number | undefined
  log: Log
}

export type DockerHost = Host & {
  /** Ends all engines at once; that is asked for, so it counts as no failure. */
  stopAll: (options: { graceMs: number }) => Promise<void>
}

const removeGraceMs = 5000
const defaultPullIdleMs = 120_000

/**
 * Runs engines as containers of a Docker daemon. All that is to be known about them is kept by the daemon, in labels and
 * in the game's volume, so any number of platforms may come, go and die. A daemon that is away is HostUnavailable; it is
 * used again as soon as it is back.
 */
export async function createDockerHost(options: DockerHostOptions): Promise<DockerHost> {
  const { socket, network, instance, credentials, pullIdleMs = defaultPullIdleMs, log } = options
  const daemon = await connectDaemon(socket)
  const engines = createEngines(daemon, { network, instance })
  const watch = createWatch({ daemon, list: () => engines.listAll(), log })

  return {
    runtime: 'docker',
    pull: (image, signal) =>
      guarded(async () => ({
        imageDigest: await pullImage(daemon, image, { signal, log, credentials, idleMs: pullIdleMs }),
      })),
    find: (game) => guarded(() => engines.find(game)),
    list: () => guarded(list),
    start: (spec) => guarded(() => engines.start(spec)),
    stop: (game, { graceMs }) => guarded(() => engines.stop(game, graceMs)),
    remove: (game) => guarded(() => engines.remove(game, removeGraceMs)),
    removeData: (game) => guarded(() => engines.removeData(game)),
    watch: watch.listen,
    stopAll: ({ graceMs }) => guarded(() => stopAllEngines({ list, stop: (game) => engines.stop(game, graceMs) })),
    // The engines go on: whoever comes next takes them over.
    [Symbol.asyncDispose]: watch.stop,
  }

  /**
   * In one call for all of them. One that was made and never started is told of, too: if its
   * game is gone, nobody else would remove it.
   */
  async function list(): Promise<readonly EngineEntry[]> {
    return (await engines.listOurs()).map(asEntry)
  }
}

/** Whatever goes wrong, the caller is told by a HostError. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw hostError(error, 'HostUnavailable')
  }
}
