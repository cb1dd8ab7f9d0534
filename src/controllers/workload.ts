import { Agent } from 'undici'
import type { Clock } from '../platform/clock.ts'
import { sleep, steadyClock } from '../platform/clock.ts'
import { createResourceClient, type KubeConfig } from '../platform/kubernetes/client.ts'
import type { EventRecorder } from '../platform/kubernetes/events.ts'
import type { Informer } from '../platform/kubernetes/informer.ts'
import { createScopedInformer } from '../platform/kubernetes/scoped-informer.ts'
import { keyOf, type ObjectKey } from '../platform/kubernetes/objects.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Tracer } from '../platform/telemetry/index.ts'
import { createEngineClient } from '../engine-contract/index.ts'
import { type EngineVersion, engineVersionKind, type Game, gameKind } from '../resources/index.ts'
import { countAfter, createEngineVersionReconciler, type GameChange } from './engine-version/index.ts'
import {
  createApply,
  createGameMetrics,
  createGameReconciler,
  createObserve,
  createOrphanSweep,
  createSilenceWatch,
  createTurnGate,
  createUnreadableGate,
  isSuperseded,
  silenceMetrics,
  withSilence,
} from './game/index.ts'
import type { Host } from './hosts/index.ts'
import { createController } from './operator/index.ts'
import type { ControllerSettings } from './settings.ts'

export type WorkloadNeeds = {
  settings: ControllerSettings
  config: KubeConfig
  host: Host
  events: EventRecorder
  metrics: Metrics
  tracer: Tracer
  log: Log
  clock: Clock
}

type GameFollower = (key: ObjectKey, game: Game | undefined) => void

/** Everything a leader does, and the caches that a standby keeps warm so that it can take over at once. */
export function createWorkload({ settings, config, host, events, metrics, tracer, log, clock }: WorkloadNeeds) {
  const now = clock.now
  const shared = { config, log, resyncMs: settings.resyncMs }
  const { namespaces } = settings
  const games: Informer<Game> = createScopedInformer({
    ...shared,
    namespaces,
    kind: gameKind,
    onChange: gameChanged,
    onUnreadable: (key) => gameController.enqueue(key),
  })
  const versions: Informer<EngineVersion> = createScopedInformer({
    ...shared,
    // Versions are also looked for in the one namespace that all games share.
    namespaces: namespaces && [...namespaces, settings.policy.engineVersionNamespace],
    kind: engineVersionKind,
    onChange: versionChanged,
  })
  const gameClient = createResourceClient(config, gameKind)
  const dispatcher = new Agent({ keepAliveTimeout: 10_000, connectTimeout: 5000 })
  const engines = createEngineClient({ dispatcher })
  const { engineVersionNamespace } = settings.policy
  const followers = new Set<GameFollower>()
  let leading = false
  const turnGate = createTurnGate({
    games,
    slots: settings.turnConcurrency,
    enqueue: (key) => gameController.enqueue(key),
    policy: settings.policy,
    now,
  })

  const sparingUnreadable = createUnreadableGate({ games: gameClient, cache: games, host, events, log })
  const silence = createSilenceWatch({
    windowMs: settings.policy.unresponsiveAfterMs,
    elapsedMs: () => performance.now(),
  })
  silenceMetrics(metrics, settings.policy, () => (leading ? silence.look() : undefined))
  const observe = createObserve({
    games,
    engineVersions: versions,
    host,
    engines,
    engineVersionNamespace,
    probeTimeoutMs: 5e3,
    now,
  })
  const reconcileGame = createGameReconciler({
    observe: withSilence(observe, silence),
    apply: createApply({ games: gameClient, cache: games, host, engines, limits: settings.limits, now }),
    games: gameClient,
    cache: games,
    events,
    metrics: createGameMetrics(metrics, now, {
      games: () => (leading ? games.list() : []),
      unreadable: () => (leading ? games.unreadable().length : 0),
      refusingNamespaces: () => (leading && namespaces?.filter((each) => !games.knows(each)).length) || 0,
    }),
    policy: settings.policy,
    log,
    now,
  })
  const gameController = createController({
    name: 'game',
    workers: settings.workers,
    metrics,
    tracer,
    log,
    clock,
    reconcile: sparingUnreadable(turnGate.through(reconcileGame)),
  })
  const versionController = createController({
    name: 'engineversion',
    workers: 2,
    metrics,
    tracer,
    log,
    clock,
    reconcile: createEngineVersionReconciler({
      engineVersions: createResourceClient(config, engineVersionKind),
      cache: versions,
      games,
      events,
      now,
      sharedNamespace: engineVersionNamespace,
    }),
  })
  const { get: fetchGame } = gameClient
  const sweep = createOrphanSweep({
    host,
    games,
    fetchGame,
    namespaces,
    graceMs: settings.orphanGraceMs,
    now: steadyClock.now,
    log,
  })
  const watching = host.watch(({ namespace, name }) => gameController.enqueue({ namespace, name }))

  return {
    games: gameClient,
    cached: games.get,
    follow,
    start,
    synced: () => games.hasSynced() && versions.hasSynced(),
    lead,
    [Symbol.asyncDispose]: dispose,
  }

  function start() {
    games.start()
    versions.start()
  }

  /** Works until the signal fires. Everything is looked at once: whatever happened without a leader is found. */
  async function lead(signal: AbortSignal): Promise<void> {
    await Promise.all([games.synced(signal), versions.synced(signal)])
    turnGate.reset()
    silence.reset()
    leading = true
    try {
      await Promise.all([
        gameController.run(signal, () => [...games.list(), ...games.unreadable()].map(keyOf)),
        versionController.run(signal, () => versions.list().map(keyOf)),
        sweepRegularly(signal),
      ])
    } finally {
      leading = false
    }
  }

  /** Tells of every change of a Game, whether this replica leads or not. */
  function follow(follower: GameFollower): Disposable {
    // Wrapped, so that one function may follow twice.
    const each: GameFollower = (key, game) => follower(key, game)
    followers.add(each)
    return { [Symbol.dispose]: () => followers.delete(each) }
  }

  async function sweepRegularly(signal: AbortSignal): Promise<void> {
    const everyMs = Math.min(15_000, Math.max(1000, settings.orphanGraceMs / 2))
    while (!signal.aborted) {
      await sweep().catch((error: unknown) => log.warn({ err: error }, 'the sweep for orphaned engines failed'))
      await sleep(everyMs, signal)
    }
  }

  function gameChanged(key: ObjectKey, change: GameChange) {
    const { before, after } = change
    if (isSuperseded(before, after)) gameController.interrupt(key)
    else gameController.enqueue(key)
    for (const follower of followers) follower(key, after)
    if (before?.status.engine?.version === after?.status.engine?.version) return
    for (const version of versions.list()) {
      const afterMs = countAfter(version, change, { games, versions, sharedNamespace: engineVersionNamespace })
      if (afterMs !== undefined) versionController.enqueueAfter(keyOf(version), afterMs)
    }
  }

  /** A version that appears, or is switched on or off, matters to the games that wait for one or run it. */
  function versionChanged(
    key: ObjectKey,
    { before, after }: { before: EngineVersion | undefined; after: EngineVersion | undefined },
  ) {
    versionController.enqueue(key)
    // Which games the shared one is for depends on who has one of that number.
    const numbers = new Set([before?.spec.version, after?.spec.version])
    for (const other of versions.list()) if (numbers.has(other.spec.version)) versionController.enqueue(keyOf(other))
    if (before && after && before.metadata.generation === after.metadata.generation) return
    for (const game of games.list()) if (game.spec.engine.version !== undefined) gameController.interrupt(keyOf(game))
  }

  async function dispose() {
    watching[Symbol.dispose]()
    await Promise.all([games[Symbol.asyncDispose](), versions[Symbol.asyncDispose]()])
    await dispatcher.destroy()
  }
}
