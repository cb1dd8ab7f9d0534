import { type Clock, steadyClock, systemClock } from '../../../platform/clock.ts'
import { createResourceClient, type KubeConfig } from '../../../platform/kubernetes/client.ts'
import type { Log } from '../../../platform/log.ts'
import { type EngineInstance, type GameRef, type Host, HostError } from '../port.ts'
import { stopAllEngines } from '../stop-all.ts'
import { createBinding, storageClassKind } from './binding.ts'
import { budgetsOf, createBudgets } from './budgets.ts'
import { createEngines } from './engines.ts'
import { guarded } from './failures.ts'
import { policyKind } from './kinds.ts'
import { labels, objectKey } from './names.ts'
import type { PodOptions } from './pod-object.ts'
import { createPuller } from './pull.ts'
import { gameOf, readEngine, readStopped } from './reading.ts'
import { createSurroundings } from './surroundings.ts'
import { createView } from './view.ts'
import { createWalls } from './walls.ts'

export type PodsHostOptions = {
  config: KubeConfig
  /** Where games may be; all namespaces when absent. */
  namespaces?: readonly string[] | undefined
  /** Where the Pods run that fetch images. */
  pullNamespace: string
  podOptions: PodOptions
  startPatienceMs?: number
  pullTimeoutMs?: number
  log: Log
  clock?: Clock
  /** What waits are measured by. */
  steady?: Clock
}

export type PodsHost = Host & {
  /** Ends every engine that it knows: for a platform that is taken down with its games, and for tests. */
  stopAll: (options: { graceMs: number }) => Promise<void>
}

/**
 * Runs engines as Pods of a cluster, each with a Service for its address and a claim for its data, behind its namespace's
 * wall. All that it knows is in the cluster: another controller goes on where this one ended.
 */
export function createPodsHost(options: PodsHostOptions): PodsHost {
  const { config, namespaces, pullNamespace, podOptions, log, clock = systemClock, steady = steadyClock } = options
  const { startPatienceMs = 10_000, pullTimeoutMs = 600_000 } = options
  const view = createView({ config, namespaces, log })
  const isInTurn = (namespace: string) =>
    view
      .pods()
      .some(({ metadata }) => metadata.namespace === namespace && metadata.labels[labels.safeToEvict] === 'false')
  const budgets = createBudgets({ budgets: budgetsOf(config), isInTurn, clock, steady })
  const walls = createWalls({ policies: createResourceClient(config, policyKind), view })
  const surroundings = createSurroundings({ config, view, budgets, walls })
  const classes = namespaces ? undefined : createResourceClient(config, storageClassKind)
  const volumeBound = createBinding({ view, classes })
  const engines = createEngines({ config, view, surroundings, budgets, volumeBound, podOptions, startPatienceMs })
  const images = createPuller({
    config,
    view,
    commonNamespace: pullNamespace,
    podOptions,
    clock,
    steady,
    timeoutMs: pullTimeoutMs,
  })

  return {
    runtime: 'pods',
    pull: (image, signal, access) => guarded('ImageUnavailable', () => images.pull(image, signal, access)),
    whyUnfetched: images.whyUnfetched,
    find: (game) => known('HostUnavailable', () => find(game), game),
    list: () => known('HostUnavailable', async () => list()),
    start: (spec, signal) => known('StartFailed', () => start(spec, signal), spec.game),
    stop: (game, { graceMs }) => known('HostUnavailable', () => engines.stop(game, graceMs), game),
    remove: (game) => known('HostUnavailable', () => engines.remove(game), game),
    data: (game) => known('HostUnavailable', async () => surroundings.data(game), game),
    growData: (game, size) => known('StartFailed', () => surroundings.growData(game, size), game),
    removeData: (game) => guarded('HostUnavailable', () => surroundings.removeData(game)),
    annotate: (game, asked) => known('HostUnavailable', () => engines.annotate(game, asked), game),
    watch: view.listen,
    stopAll: ({ graceMs }) =>
      known('HostUnavailable', () =>
        stopAllEngines({ list: async () => list(), stop: (game) => engines.stop(game, graceMs) }),
      ),
    [Symbol.asyncDispose]: () => {
      budgets[Symbol.dispose]()
      return view[Symbol.asyncDispose]()
    },
  }

  /** Nothing is said or done before it is known what there is, where this game is if it is about one. */
  function known<T>(refused: 'HostUnavailable' | 'StartFailed', work: () => Promise<T>, game?: GameRef): Promise<T> {
    return guarded(refused, async () => {
      await view.synced(game?.namespace)
      return work()
    })
  }

  async function find(game: GameRef): Promise<readonly EngineInstance[]> {
    const engine = await engines.find(game)
    return engine ? [engine] : []
  }

  async function start(...[spec, signal]: Parameters<Host['start']>): Promise<EngineInstance> {
    if (view.covers(spec.game.namespace)) return engines.start(spec, signal)
    throw new HostError('StartFailed', `namespace ${spec.game.namespace} is not among CONTROLLER_NAMESPACES`)
  }

  function list(): readonly EngineInstance[] {
    const running = view.pods().flatMap((pod) => {
      const game = gameOf(pod)
      return (game && readEngine(pod, view.held(game).service)) ?? []
    })
    const stopped = view.services().flatMap((service) => {
      const engine = readStopped(service)
      return engine && !view.pod(objectKey(engine.game)) ? engine : []
    })
    return [...running, ...stopped]
  }
}
