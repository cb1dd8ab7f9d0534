import { findCondition } from '../../platform/kubernetes/conditions.ts'
import { type EngineInstance, specHash } from '../hosts/index.ts'
import type { Plan } from './action.ts'
import { comingEngine, planComing } from './coming-plan.ts'
import {
  countCrash,
  countRestart,
  type Draft,
  failedAttempts,
  failuresUntilFailed,
  forgetEngine,
  notReady,
  recordFailure,
  retryMoment,
  started,
  startOf,
  tellDegraded,
  tellStarting,
  wasReady,
} from './draft.ts'
import { tellNoVersion, type WantedImage, wantedImage } from './engine-image.ts'
import { crashesUntilDegraded } from './degraded.ts'
import { planHealth } from './health-plan.ts'
import { howItEnded } from './how-it-ended.ts'
import { engineSpec } from './objects.ts'
import type { Observation } from './observation.ts'
import type { Policy } from './policy.ts'
import { planTurnedAway } from './turned-away.ts'
import { tellUnschedulable, waits } from './unschedulable.ts'

/** Gets an engine of the wanted image to run, then leaves the rest to its health. */
export function planEngine(observation: Observation, policy: Policy, draft: Draft): Plan {
  const { game, engines, engineVersions } = observation
  const [instance, ...others] = engines.filter(({ state }) => state === 'running')
  const wanted = wantedImage(game, engineVersions, instance?.image)
  if (others.length > 0) return planDoubled(draft)
  if (!instance) return planStart(observation, policy, draft, wanted)
  adopt(observation, draft, instance)
  // What is away cannot be replaced, whatever is asked for.
  if ('missing' in wanted || instance.away !== undefined) return planHealth(observation, policy, draft, instance)
  if (specHash(engineSpec(game, wanted.image, 0)) === instance.specHash) {
    draft.engine({ image: wanted.image, version: wanted.version })
    noteDigest(draft, instance)
    return planHealth(observation, policy, draft, instance)
  }
  if (isInTurn(observation, draft)) return planHealth(observation, policy, draft, instance)
  return planReplacement(observation, policy, draft, { instance, wanted })
}

/** Two engines on one state directory fence each other; end both and start one. */
function planDoubled(draft: Draft): Plan {
  draft.event('Warning', 'Drifted', 'more than one engine of this game runs; starting it afresh')
  notReady(draft, 'Drifted', 'more than one engine of this game runs')
  forgetEngine(draft)
  return draft.plan([{ do: 'stop' }], undefined)
}

/** Takes over a running engine that the status does not know: its record was lost, or never written. */
function adopt({ runtime }: Observation, draft: Draft, instance: EngineInstance): void {
  const { engine } = draft.current()
  const { ref, endpoint, image } = instance
  const startedAt = startOf(draft, instance)
  if (engine.ref !== undefined && engine.ref !== ref) countRestart(draft)
  if (engine.ref !== ref) {
    if (isExpected(draft, instance)) draft.event('Normal', 'Started', started(instance))
    else draft.event('Normal', 'Adopted', `took over the running engine ${ref}`)
    draft.engine({ image })
  }
  draft.engine({ ref, endpoint, startedAt, runtime, epoch: Math.max(engine.epoch, instance.epoch) })
  noteDigest(draft, instance)
}

/** A name may have been moved since it was asked what its image is; and the status may name the image that comes next. */
function noteDigest(draft: Draft, { image, imageDigest }: EngineInstance): void {
  if (imageDigest !== undefined && draft.current().engine.image === image) draft.engine({ imageDigest })
}

/** The status waits for this one: its start took so long that nobody stayed for it, or whoever did has died. */
function isExpected(draft: Draft, { epoch }: EngineInstance): boolean {
  const { phase, engine } = draft.current()
  return phase === 'Starting' && engine.ref === undefined && engine.epoch === epoch
}

type Named = Exclude<WantedImage, { missing: string }>
type Replacement = { instance: EngineInstance; wanted: Named }

/** A turn is owed that the engine can still generate: whoever began it may have died, the engine need not have stopped. */
function isInTurn({ probe }: Observation, draft: Draft): boolean {
  const { running } = draft.current().turn
  return typeof running === 'number' && probe?.state === 'healthy' && probe.status.turn < running
}

/** The spec asks for another engine than the one that runs. No turn runs now, so this is a turn boundary. */
function planReplacement(
  observation: Observation,
  policy: Policy,
  draft: Draft,
  { instance, wanted }: Replacement,
): Plan {
  const { engine } = draft.current()
  if (engine.image !== wanted.image || engine.imageDigest === undefined) {
    const retryAt = retryMoment(draft, policy)
    // An image that cannot be had must not cost the game the engine that runs.
    if (retryAt && retryAt > draft.now) return planHealth(observation, policy, draft, instance)
    // Pulled before the old engine ends, so that the game is away for as short as can be.
    draft.engine({ image: wanted.image, version: wanted.version, imageDigest: undefined })
    if (observation.unfetched !== undefined) return planHealth(observation, policy, draft, instance)
    return draft.plan([{ do: 'pull', image: wanted.image }], undefined)
  }
  draft.engine({ version: wanted.version })
  draft.event('Normal', 'Updated', `replacing the engine: the spec asks for ${wanted.version ?? wanted.image}`)
  draft.phase('Starting')
  notReady(draft, 'Updating', 'the engine is being replaced')
  forgetEngine(draft)
  return draft.plan([{ do: 'stop' }], undefined)
}

function planStart(observation: Observation, policy: Policy, draft: Draft, wanted: WantedImage): Plan {
  if (draft.current().engine.ref !== undefined) settleEnd(observation, policy, draft)
  if ('missing' in wanted) {
    draft.phase('Pending')
    notReady(draft, 'NoEngineVersion', wanted.missing)
    tellNoVersion(observation.game, draft, wanted.missing)
    return draft.plan([], undefined)
  }
  const coming = comingEngine(observation, draft, wanted.image)
  if (coming) return planComing(observation, policy, draft, coming)
  const turnedAway = planTurnedAway(observation, policy, draft)
  if (turnedAway) return turnedAway
  const { engine } = draft.current()
  const retryAt = retryMoment(draft, policy)
  if (retryAt && retryAt > draft.now) {
    draft.phase(failedAttempts(draft) >= failuresUntilFailed ? 'Failed' : 'Pending')
    notReady(draft, 'BackOff', tellWait(draft, retryAt))
    return draft.plan([], retryAt)
  }
  return engine.image === wanted.image && engine.imageDigest !== undefined
    ? startEngine(observation, draft, wanted)
    : pullImage(observation, policy, draft, wanted)
}

/** What Degraded can say besides why starts fail. */
const otherTroubles = new Set(['HostUnavailable', 'TurnFailed', 'NodeAway', 'NoEngineVersion', ...waits])
const maxReason = 600

/** Names the moment, not the time left, so that it stays the same for as long as the start waits. */
function tellWait(draft: Draft, retryAt: Date): string {
  const { conditions } = draft.current()
  const wait = `start ${failedAttempts(draft) + 1} waits until ${retryAt.toISOString().slice(11, 19)}Z`
  const degraded = findCondition(conditions ?? [], 'Degraded')
  if (degraded?.status !== 'True' || otherTroubles.has(degraded.reason)) return wait
  return `${wait}: ${degraded.message.slice(0, maxReason)}`
}

function pullImage(observation: Observation, policy: Policy, draft: Draft, { image, version }: Named): Plan {
  const { game, unfetched } = observation
  draft.phase('Pulling')
  draft.engine({ image, version, imageDigest: undefined })
  if (unfetched !== undefined) {
    notReady(draft, 'Unschedulable', unfetched)
    tellUnschedulable(game, draft, unfetched)
    return draft.plan([], new Date(draft.now.getTime() + policy.healthCheckMs))
  }
  notReady(draft, 'Pulling', `pulling ${image}`)
  return draft.plan([{ do: 'pull', image }], undefined)
}

/** The epoch is raised and written before the engine starts, so that no two starts ever share one. */
function startEngine({ game, runtime }: Observation, draft: Draft, { image, version }: Named): Plan {
  const epoch = draft.current().engine.epoch + 1
  tellStarting(draft)
  draft.engine({ version, epoch, runtime })
  return draft.plan([{ do: 'start', spec: engineSpec(game, image, epoch) }], undefined)
}

/** The engine that the status names has ended. What the platform asked for is no failure. */
function settleEnd({ engines, game }: Observation, { stableAfterMs }: Policy, draft: Draft): void {
  const { engine } = draft.current()
  const exit = engines.find(({ ref }) => ref === engine.ref)?.exit
  const ranMs = draft.now.getTime() - Date.parse(engine.startedAt ?? draft.now.toISOString())
  forgetEngine(draft)
  if (exit?.requested) return
  countRestart(draft)
  const ready = wasReady(game)
  const memory = game.spec.engine.resources?.limits?.['memory']
  const said = `the engine ended ${howItEnded(exit, memory === undefined ? undefined : String(memory))}`
  if (ready && ranMs >= stableAfterMs) draft.engine({ crashes: 0, turnedAway: undefined })
  if (ready && engine.imageDigest !== undefined) draft.engine({ failures: 0 })
  // Its machine's doing, not its own.
  if (exit?.turnedAway !== undefined) return draft.event('Warning', 'Restarted', `${said}; starting it again`)
  if (!ready) return recordFailure(draft, exit?.outOfMemory ? 'OutOfMemory' : 'EngineExited', said)
  countCrash(draft)
  if (draft.current().engine.crashes < crashesUntilDegraded) {
    draft.event('Warning', exit?.outOfMemory ? 'OutOfMemory' : 'Restarted', `${said}; starting it again`)
  } else {
    tellDegraded(draft, exit?.outOfMemory ? 'OutOfMemory' : 'CrashLooping', said)
  }
}
