import { isTrue } from '../../platform/kubernetes/conditions.ts'
import type { Informer } from '../../platform/kubernetes/informer.ts'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'
import { type EngineClient, EngineError } from '../../engine-contract/index.ts'
import { gameViolations, type EngineVersion, type Game } from '../../resources/index.ts'
import type { EngineInstance, Host } from '../hosts/index.ts'
import type { EngineTarget } from './action.ts'
import { wantedImage } from './engine-image.ts'
import { engineTarget, gameRef, pullAccess } from './objects.ts'
import type { Observation, Probe } from './observation.ts'

export type ObservePorts = {
  games: Pick<Informer<Game>, 'get'>
  engineVersions: Pick<Informer<EngineVersion>, 'list' | 'knows'>
  host: Pick<Host, 'runtime' | 'find' | 'data' | 'whyUnfetched'>
  engines: Pick<EngineClient, 'isListening' | 'healthz' | 'status'>
  /** Where EngineVersions for all namespaces stand. */
  engineVersionNamespace: string
  probeTimeoutMs: number
  now: () => Date
}

/**
 * Reads what there is to know about one game; undefined when it is gone.
 * @throws where it is not known what there is
 */
export function createObserve({ games, engineVersions, host, engines, ...options }: ObservePorts) {
  return async function observe(key: ObjectKey, signal: AbortSignal): Promise<Observation | undefined> {
    const game = games.get(key)
    if (!game) return undefined
    requireVersions(game)
    const [found, data] = await Promise.all([host.find(gameRef(game)), host.data?.(gameRef(game))])
    const versions = versionsFor(key.namespace)
    return {
      game,
      runtime: host.runtime,
      violations: gameViolations(game),
      engineVersions: versions,
      engines: found,
      data,
      unfetched: whyUnfetched(game, versions, found),
      probe: await probeIfNeeded(game, found, signal),
      now: options.now(),
    }
  }

  /** None would mean that there is none to run. */
  function requireVersions({ metadata, spec }: Game): void {
    if (spec.engine.version === undefined || metadata.deletionTimestamp !== undefined) return
    for (const namespace of [metadata.namespace, options.engineVersionNamespace]) {
      if (!engineVersions.knows(namespace))
        throw new Error(`the EngineVersions of namespace ${namespace} are not known`)
    }
  }

  function versionsFor(namespace: string): EngineVersion[] {
    const all = engineVersions.list()
    const own = all.filter(({ metadata }) => metadata.namespace === namespace)
    const shared = all.filter(({ metadata }) => metadata.namespace === options.engineVersionNamespace)
    const names = new Set(own.map(({ spec }) => spec.version))
    return namespace === options.engineVersionNamespace
      ? own
      : [...own, ...shared.filter(({ spec }) => !names.has(spec.version))]
  }

  function whyUnfetched(game: Game, versions: readonly EngineVersion[], found: readonly EngineInstance[]) {
    if (!host.whyUnfetched || game.metadata.deletionTimestamp !== undefined || game.spec.runState === 'Stopped') return
    const wanted = wantedImage(game, versions, found.find(({ state }) => state === 'running')?.image)
    if ('missing' in wanted) return
    const { image, imageDigest } = game.status.engine ?? {}
    const isHere = image === wanted.image && imageDigest !== undefined
    return isHere ? undefined : host.whyUnfetched(wanted.image, pullAccess(game))
  }

  async function probeIfNeeded(
    game: Game,
    found: readonly EngineInstance[],
    signal: AbortSignal,
  ): Promise<Probe | undefined> {
    const running = found.find(({ state }) => state === 'running')
    if (!running || game.metadata.deletionTimestamp !== undefined || game.spec.runState === 'Stopped') return undefined
    const engine = engineTarget(running)
    if (!engine) return { state: 'unreachable', message: 'it has no address yet' }
    const isComingUp = !isTrue(game.status.conditions ?? [], 'EngineReady')
    if (isComingUp && !(await engines.isListening(engine))) {
      return { state: 'unreachable', message: `nobody listens at ${engine.endpoint}` }
    }
    return probe(engine, signal)
  }

  async function probe(engine: EngineTarget, signal: AbortSignal): Promise<Probe> {
    const calling = { timeoutMs: options.probeTimeoutMs, signal }
    // Asked at once, because a turn waits for both; whether it is healthy is what counts first.
    const [health, status] = await Promise.allSettled([
      engines.healthz(engine, calling),
      engines.status(engine, calling),
    ])
    if (health.status === 'rejected') return unwell(health.reason, 'unreachable')
    return status.status === 'rejected' ? unwell(status.reason, 'nonsense') : { state: 'healthy', status: status.value }
  }
}

/** A refusal means "not yet" from `/healthz`, but from `/admin/status` it means that this engine is of no use. */
function unwell(error: unknown, refused: 'unreachable' | 'nonsense'): Probe {
  if (!(error instanceof EngineError)) throw error
  const state = error.failure === 'refused' ? refused : error.failure
  return { state, message: error.message }
}
