import { labels as containerLabels } from '../src/controllers/hosts/docker/names.ts'
import { annotations as podAnnotations, labels as podLabels } from '../src/controllers/hosts/pods/names.ts'
import {
  engineFinalizer,
  forceTurnAnnotation,
  type GamePhase,
  inUseFinalizer,
  lastActivityAnnotation,
  reconcileAnnotation,
  wakeAnnotation,
} from '../src/resources/index.ts'
import { table } from './markdown.ts'

const phases: Readonly<Record<GamePhase, string>> = {
  Pending: 'waits: for an engine version, its roster, or before the next attempt to start',
  Pulling: 'the image is being fetched',
  Starting: 'an engine has been started and does not answer yet',
  Initializing: 'the engine is creating the game',
  Running: 'the engine serves the game; turns run as `TurnsActive` says',
  Hibernated: 'nobody plays; no engine, the state is kept, turns come on time all the same',
  Paused: 'the engine serves the game, no turns run: asked for, or after too many failed turns',
  Stopping: 'the engine is being stopped',
  Stopped: 'no engine, the state is kept: asked for',
  Finished: 'the game is over; its reports are still served',
  Failed: 'does not come up again by itself soon; `Degraded` says why',
}

const finalizers = {
  [engineFinalizer]: 'of a Game: keeps it until its engine (and its data, unless retained) is gone',
  [inUseFinalizer]: 'of an EngineVersion: keeps it until no Game runs it',
}

const annotations = {
  [reconcileAnnotation]:
    'set it to `disabled` on a Game, and the controller leaves the Game, its engine and its data alone; a deletion waits until the annotation is removed',
  [wakeAnnotation]:
    'asks for the engine of the Game to be awake: the moment, or any other value that it did not have before',
  [forceTurnAnnotation]:
    'asks for one turn now, by any value that it did not have before, as `spec.turns.forceToken` does; for Games whose spec is declared elsewhere (in Git)',
  [lastActivityAnnotation]: 'when a player last called the Game, to the minute; written by the controller',
}

const onPods: Readonly<Record<keyof typeof podLabels, string>> = {
  managedBy: '`galaxy`, on all that the controller makes',
  component: '`engine`',
  game: 'the name of the Game',
  gameUid: 'its uid: by this an engine is adopted',
  safeToEvict: '`false` while a turn runs; the PodDisruptionBudget of the namespace then lets the Pod not be evicted',
}

const ofPods: Readonly<Record<keyof typeof podAnnotations, string>> = {
  game: 'the name of a Game that is too long for a label',
  epoch: 'the fencing number that the engine was started under',
  specHash: 'what the engine was started from; another one means that it is replaced',
  stopped: 'on the Service: the engine that was ended on purpose',
  raisedAt: 'on the PodDisruptionBudget: when it was last put up for a turn',
  safeToEvict: 'the same as the label, for the cluster autoscaler',
}

const onContainers: Readonly<Record<keyof typeof containerLabels, string>> = {
  backend: '`1`, on all engines',
  gameUid: 'uid of the Game: by this an engine is adopted',
  managedBy: '`galaxy`',
  game: 'name of the Game',
  namespace: 'its namespace',
  epoch: 'the fencing number that the engine was started under',
  specHash: 'what the engine was started from; another one means that it is replaced',
  instance: 'the platform that made it (`CONTROLLER_DOCKER_INSTANCE`): others leave it alone',
}

/** Phases, finalizers, annotations and labels, by the names that the code has for them. */
export function marksSection(): string {
  return `## Phases of a Game

${named('Phase', phases)}
## Finalizers

${named('Finalizer', finalizers)}
## Annotations of a Game

${named('Annotation', annotations)}
## What engines carry

Pod, Service and volume of a Game are called \`galaxy-game-<name>\`, the NetworkPolicy of all engines of a namespace \`galaxy-engines\`. A Game's container is called \`galaxy-game-<name>\` (with \`_<namespace>\`
behind it outside \`default\`), its volume in Docker \`galaxy-game-<uid>\`. Labels of Pods and what belongs to them:

${named('Label', byName(podLabels, onPods))}
Annotations of Pods:

${named('Annotation', byName(podAnnotations, ofPods))}
Labels of containers:

${named('Label', byName(containerLabels, onContainers))}`
}

function byName<K extends string>(names: Readonly<Record<K, string>>, meanings: Readonly<Record<K, string>>) {
  const keys = Object.keys(names).filter((key): key is K => key in meanings)
  return Object.fromEntries(keys.map((key) => [names[key], meanings[key]]))
}

function named(title: string, rows: Readonly<Record<string, string>>): string {
  return table(
    [title, 'Means'],
    Object.entries(rows).map(([name, means]) => [`\`${name}\``, means]),
  )
}
