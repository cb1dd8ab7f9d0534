import { engineEnvironment } from '../../../engine-contract/index.ts'
import type { JsonObject } from '../../../platform/json.ts'
import { type EngineSpec, type GameRef, HostError, type PullAccess } from '../port.ts'
import { specHash } from '../spec-hash.ts'
import { annotations, gameAnnotations, gameLabels, labels, managedBy, objectName, pullName } from './names.ts'
import { containerSecurity, podSecurity } from './security.ts'

export const enginePort = 8080
export const engineContainer = 'engine'
const stateDir = '/var/lib/galaxy'

export type PodOptions = {
  imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never'
  /** Labels and annotations that a Game's podTemplate may set; a name that ends in `*` stands for all that begin so. */
  allowedKeys: readonly string[]
  /** Names of priority classes that it may ask for, written likewise; all but those of the system itself when absent. */
  allowedPriorities?: readonly string[] | undefined
  /** What an engine has where its Game says nothing. No part of what engines are compared by: none is replaced for it. */
  resources?: EngineSpec['resources'] | undefined
}

/**
 * The Pod of one start of a game's engine. It is never restarted in place: another start is another epoch, and another Pod.
 * @throws HostError StartFailed for a label, an annotation or a priority that is not allowed
 */
export function enginePod(spec: EngineSpec, options: PodOptions): JsonObject {
  const { imagePullPolicy, allowedKeys } = options
  const { game, epoch, image, podTemplate = {} } = spec
  const { labels: moreLabels, annotations: moreAnnotations, ...placement } = podTemplate
  checkPriority(placement.priorityClassName, options)
  return {
    metadata: {
      name: objectName(game.name),
      labels: { ...allowed('labels', moreLabels, allowedKeys), ...gameLabels(game), [labels.safeToEvict]: 'true' },
      annotations: {
        ...allowed('annotations', moreAnnotations, allowedKeys),
        ...gameAnnotations(game),
        [annotations.safeToEvict]: 'true',
        [annotations.epoch]: String(epoch),
        [annotations.specHash]: specHash(spec),
      },
      ownerReferences: [ownerReference(game)],
    },
    spec: {
      ...placement,
      ...isolation,
      containers: [
        {
          name: engineContainer,
          image,
          imagePullPolicy,
          env: environment(spec),
          ports: [{ name: 'http', containerPort: enginePort }],
          resources: withDefaults(spec.resources, options.resources),
          securityContext: containerSecurity,
          // What it said last, without the right to read logs.
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: [
            { name: 'state', mountPath: stateDir },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'state', persistentVolumeClaim: { claimName: objectName(game.name) } },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
    },
  }
}

/**
 * A Pod that makes a node fetch the image and tell what it is. Its command is in no image: nothing of it runs.
 */
export function pullPod(
  image: string,
  { imagePullPolicy }: PodOptions,
  access: Pick<PullAccess, 'secrets' | 'placement'> = { secrets: [] },
): JsonObject {
  return {
    metadata: {
      name: pullName(image, access),
      labels: { [labels.managedBy]: managedBy, [labels.component]: 'pull' },
    },
    spec: {
      ...access.placement,
      ...isolation,
      imagePullSecrets: [...access.secrets],
      containers: [
        {
          name: engineContainer,
          image,
          imagePullPolicy,
          command: ['/galaxy-pull-only'],
          resources: { requests: { cpu: '1m', memory: '1Mi' } },
          securityContext: containerSecurity,
        },
      ],
    },
  }
}

/** Makes the cluster remove what belongs to a Game that is gone, whatever happens to us. */
export function ownerReference({ name, uid }: GameRef): JsonObject {
  return { apiVersion: 'galaxy.dev/v1', kind: 'Game', name, uid, controller: true, blockOwnerDeletion: false }
}

const isolation = {
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  // Ten thousand Services would be as many variables in every engine.
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 30,
  securityContext: podSecurity,
} as const

function environment({ env, epoch }: EngineSpec): { name: string; value: string }[] {
  const contract: Record<string, string> = {
    [engineEnvironment.stateDir]: stateDir,
    [engineEnvironment.host]: '0.0.0.0',
    [engineEnvironment.port]: String(enginePort),
    [engineEnvironment.epoch]: String(epoch),
  }
  const reserved: readonly string[] = Object.values(engineEnvironment)
  return [
    ...env.filter(({ name }) => !reserved.includes(name)),
    ...Object.entries(contract).map(([name, value]) => ({ name, value })),
  ]
}

function allowed(
  field: 'labels' | 'annotations',
  record: Readonly<Record<string, string>> = {},
  allowedKeys: readonly string[],
): Readonly<Record<string, string>> {
  for (const key of Object.keys(record)) {
    if (!isAmong(allowedKeys, key)) {
      const said = `spec.engine.podTemplate.${field}: "${key}" is not among those that CONTROLLER_POD_METADATA allows`
      throw new HostError('StartFailed', said)
    }
  }
  return record
}

function isAmong(allowed: readonly string[], name: string): boolean {
  return allowed.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each))
}

/** Whoever may make Games may not push everything else off the nodes. */
function checkPriority(name: string | undefined, { allowedPriorities }: PodOptions): void {
  if (name === undefined || name === '') return
  if (allowedPriorities ? isAmong(allowedPriorities, name) : !name.startsWith('system-')) return
  const said = `spec.engine.podTemplate.priorityClassName: "${name}" is not among those that CONTROLLER_PRIORITY_CLASSES allows`
  throw new HostError('StartFailed', said)
}

type Resources = EngineSpec['resources']

/** Of what a Game names at all, be it a request or a limit, nothing is added: the other one may not fit it. */
function withDefaults({ requests, limits }: Resources, defaults: Resources = { requests: {}, limits: {} }): Resources {
  const open = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !(name in requests) && !(name in limits)))
  return { requests: { ...open(defaults.requests), ...requests }, limits: { ...open(defaults.limits), ...limits } }
}
