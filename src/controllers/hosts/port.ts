import { externalText } from '../../platform/external-text.ts'

/** Which game an engine belongs to. `uid` is the identity: a Game deleted and made again under its name is another. */
export type GameRef = { namespace: string; name: string; uid: string }

export type Runtime = 'pods' | 'docker' | 'process'

/** What to start. */
export type EngineSpec = {
  game: GameRef
  image: string
  /** Fencing number; the engine refuses calls that carry a lower one than the highest it has seen. */
  epoch: number
  env: readonly { name: string; value: string }[]
  resources: { requests: Readonly<Record<string, string>>; limits: Readonly<Record<string, string>> }
  storage: { size?: string | undefined; storageClassName?: string | undefined }
  /** For the Pod of the engine; hosts without Pods ignore it. */
  podTemplate?: PodTemplate | undefined
}

/** Where a Pod may run, and what it carries for others to find; handed to the cluster as it is. */
export type PodTemplate = {
  labels?: Readonly<Record<string, string>> | undefined
  annotations?: Readonly<Record<string, string>> | undefined
  nodeSelector?: Readonly<Record<string, string>> | undefined
  tolerations?: readonly Readonly<Record<string, unknown>>[] | undefined
  affinity?: Readonly<Record<string, unknown>> | undefined
  priorityClassName?: string | undefined
  /** Secrets of the game's namespace that open the registry of its image. */
  imagePullSecrets?: readonly { name: string }[] | undefined
}

/** One engine as the host knows it, running or not. */
export type EngineInstance = {
  game: GameRef
  /** Name within the driver: a pod's, a container's, `process/<pid>`. */
  ref: string
  image: string
  epoch: number
  /** `specHash` of the EngineSpec it was started from: another one means that it must be replaced. */
  specHash: string
  /** Since when it runs; of one that is `preparing`, since when its machine does that. */
  startedAt: string
  /** What its image is, which a name may be moved away from; absent where the host knows it of the image only. */
  imageDigest?: string | undefined
  /** Base URL; present while it runs. */
  endpoint?: string | undefined
  /** `starting`: it is made and does not run yet. Hosts where that takes but a moment never tell it. */
  state: 'starting' | 'running' | 'exited'
  /** Why it cannot start for now, in the words of who looks for a machine: none has room for it, or is what it asks for. */
  unschedulable?: string | undefined
  /** What its machine still does before it can start: to fetch the image and to mount the data may take minutes. */
  preparing?: string | undefined
  /**
   * Why the host cannot tell whether it still runs, as when its machine is away: it counts as running, so that no other
   * takes its place on its data, until that is known.
   */
  away?: string | undefined
  /** How it ended: present when `exited` and known. */
  exit?: EngineExit | undefined
  /** What `annotate` has last told; absent on hosts that never move an engine by themselves. */
  safeToEvict?: boolean | undefined
}

/** What a host tells of each of its engines at once, which may be thousands. */
export type EngineEntry = Pick<EngineInstance, 'game' | 'ref' | 'state'>

export type EngineExit = {
  code?: number | undefined
  signal?: string | undefined
  /** True when it, or a part of it, was killed because it may have no more memory, or its machine had none. */
  outOfMemory?: boolean | undefined
  /** Why its machine would not have it, before it ever ran or later, in the machine's words. */
  turnedAway?: string | undefined
  /** True when the platform ended it (stop, shutdown), so that it counts as no failure. */
  requested: boolean
  /** The last lines the engine said, to tell a person why. */
  output?: string | undefined
}

/** The volume of a game's data, where the host keeps one that has a size. */
export type DataVolume = {
  /** What was asked for last, as a quantity of Kubernetes. */
  size: string
  /** Somebody has deleted it: it goes as soon as no engine uses it any more. */
  isBeingRemoved: boolean
}

/** What an image is; or why no machine can fetch it for now: what was asked for goes on by itself when there is one. */
export type Pulled = { imageDigest: string } | { unschedulable: string }

/**
 * Who asks for an image, where not everybody may have it: the game's namespace, and the secrets that it names; and the
 * machines that it is wanted on, all when absent.
 */
export type PullAccess = {
  namespace: string
  secrets: readonly { name: string }[]
  placement?: Placement | undefined
}

/** Where a Pod may run, whatever else runs there. */
export type Placement = Pick<PodTemplate, 'nodeSelector' | 'tolerations' | 'affinity'>

export type HostFailure =
  /** There is no such image, or it cannot be had. */
  | 'ImageUnavailable'
  /** The engine could not be created or started. */
  | 'StartFailed'
  /** The host does not answer; nothing is known. */
  | 'HostUnavailable'

/** Anything that goes wrong in a driver. `failure` becomes the reason of a condition. */
export class HostError extends Error {
  override name = 'HostError'
  readonly failure: HostFailure

  constructor(failure: HostFailure, message: string, options?: ErrorOptions) {
    super(externalText(message, { maxLength: 4000, multiline: true }), options)
    this.failure = failure
  }
}

/**
 * How engines are run. Drivers observe and act; they decide nothing. Every function throws HostError only, and every
 * action may be repeated: a caller that died in between calls again.
 */
export type Host = AsyncDisposable & {
  runtime: Runtime
  /**
   * Makes sure the image is here. Returns the digest (or what pins the image's content on this host). Hosts with one
   * way to the registries ignore `access`.
   */
  pull: (image: string, signal: AbortSignal, access?: PullAccess) => Promise<Pulled>
  /** Why no machine can fetch an image for now that `pull` was asked for. Absent where none has to be found for that. */
  whyUnfetched?: (image: string, access: PullAccess) => string | undefined
  /** The game's engine, newest epoch first if a crash left two; `[]` when the host holds none for this game. */
  find: (game: GameRef) => Promise<readonly EngineInstance[]>
  /** Every engine this host holds, whoever's it is: for adoption, and for removing what has no Game any more. */
  list: () => Promise<readonly EngineEntry[]>
  /**
   * Starts an engine and returns once it runs (not: is healthy), or once it is known to take long, because it is
   * unschedulable or its machine prepares it: it then starts by itself. With an instance of the same game and epoch
   * already there, returns that one. Refuses (StartFailed) while another engine of the game still runs. Hosts where that
   * takes long give it up when `signal` fires; what was made by then stays, for `stop`, `remove` or the next start to find.
   */
  start: (spec: EngineSpec, signal?: AbortSignal) => Promise<EngineInstance>
  /** Ends the engine: SIGTERM, SIGKILL after `graceMs`. Returns when it has ended; the record of it stays. */
  stop: (game: GameRef, options: { graceMs: number }) => Promise<void>
  /** Forgets the engine of the game (ended before, or ended now); its data stays. */
  remove: (game: GameRef) => Promise<void>
  /** Tells whoever drains machines whether the running engine may be moved now. Absent where nobody does. */
  annotate?: (game: GameRef, engine: { safeToEvict: boolean }) => Promise<void>
  /** The game's volume, if there is one. Absent where data has no size. */
  data?: (game: GameRef) => Promise<DataVolume | undefined>
  /** Asks for a larger volume under the running engine. StartFailed: the storage cannot do that. */
  growData?: (game: GameRef, size: string) => Promise<void>
  /** Removes the game's data for good. Its engine must be removed first. */
  removeData: (game: GameRef) => Promise<void>
  /** Calls back for every game whose engine started, ended or vanished, until disposed of. May miss some. */
  watch: (onChange: (game: GameRef) => void) => Disposable
}
