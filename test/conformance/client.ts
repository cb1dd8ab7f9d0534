import { eventually } from '../support/eventually.ts'
import {
  ApiException,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node'
import { z } from 'zod'
import type { Target } from './target.ts'

const Metadata = z.looseObject({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(z.looseObject({ uid: z.string() })).optional(),
})
const Thing = z.looseObject({
  metadata: Metadata,
  spec: z.record(z.string(), z.unknown()),
  status: z.record(z.string(), z.unknown()).optional(),
})
export type Thing = z.infer<typeof Thing>

const Things = z.looseObject({
  items: z.array(Thing),
  metadata: z.looseObject({
    resourceVersion: z.string(),
    continue: z.string().optional(),
    remainingItemCount: z.number().optional(),
  }),
})

export type WatchEvent = { type: string; name: string; version: string; object: Record<string, unknown> }

const Watched = z.looseObject({
  metadata: z
    .looseObject({ name: z.string().default(''), resourceVersion: z.string().default('') })
    .default({ name: '', resourceVersion: '' }),
})

export type ListOptions = { limit?: number; _continue?: string; labelSelector?: string; resourceVersion?: string }
export type WatchOptions = Record<string, string | boolean | number>

/** `@kubernetes/client-node` on the Games of the target's namespace. */
export function createClient({ kubeconfig, namespace }: Target) {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const objects = config.makeApiClient(CustomObjectsApi)
  const games = { group: 'galaxy.dev', version: 'v1', namespace, plural: 'games' }
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  const bodyOf = (name: string, more: { metadata?: object; spec?: object } = {}) => ({
    apiVersion: 'galaxy.dev/v1',
    kind: 'Game',
    metadata: { name, ...more.metadata },
    spec: { engine: { version: '~1.0' }, ...more.spec },
  })
  return {
    core: config.makeApiClient(CoreV1Api),
    leases: config.makeApiClient(CoordinationV1Api),
    create: async (name: string, more?: { metadata?: object; spec?: object }) =>
      Thing.parse(await objects.createNamespacedCustomObject({ ...games, body: bodyOf(name, more) })),
    read: async (name: string) => Thing.parse(await objects.getNamespacedCustomObject({ ...games, name })),
    replace: async (thing: Thing) =>
      Thing.parse(await objects.replaceNamespacedCustomObject({ ...games, name: thing.metadata.name, body: thing })),
    replaceStatus: async (thing: Thing) =>
      Thing.parse(
        await objects.replaceNamespacedCustomObjectStatus({ ...games, name: thing.metadata.name, body: thing }),
      ),
    patch: async (name: string, body: object) =>
      Thing.parse(await objects.patchNamespacedCustomObject({ ...games, name, body }, merge)),
    patchStatus: async (name: string, body: object) =>
      Thing.parse(await objects.patchNamespacedCustomObjectStatus({ ...games, name, body }, merge)),
    delete: (name: string, options: { propagationPolicy?: string; body?: object } = {}) =>
      objects.deleteNamespacedCustomObject({ ...games, name, ...options }),
    list: async (options: ListOptions = {}) =>
      Things.parse(await objects.listNamespacedCustomObject({ ...games, ...options })),
    watch: (options: WatchOptions) => watch(config, `/apis/galaxy.dev/v1/namespaces/${namespace}/games`, options),
  }
}

export type Client = ReturnType<typeof createClient>

/** Watches until it is disposed of. */
async function watch(config: KubeConfig, path: string, options: WatchOptions) {
  const events: WatchEvent[] = []
  const ended = Promise.withResolvers<unknown>()
  const seen = (type: string, object: Record<string, unknown>) => {
    const { metadata } = Watched.parse(object)
    events.push({ type, name: metadata.name, version: metadata.resourceVersion, object })
  }
  const controller = await new Watch(config).watch(path, options, seen, (error) => ended.resolve(error))
  return {
    events,
    ended: ended.promise,
    /** What has been told, once the condition holds. */
    until: async (holds: (events: readonly WatchEvent[]) => boolean) => {
      await eventually(() => holds(events)).catch((error: unknown) => {
        throw new Error(`only saw ${JSON.stringify(events)}`, { cause: error })
      })
      return events.map(({ type, name }) => `${type} ${name}`.trim())
    },
    [Symbol.dispose]: () => controller.abort(),
  }
}

/** The code and the `Status` of a call that is refused. */
export async function refusal(call: Promise<unknown>): Promise<{ code: number; status: unknown }> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ApiException)) throw error
    const body: unknown = error.body
    return { code: error.code, status: typeof body === 'string' ? JSON.parse(body) : body }
  }
  throw new Error('the call was not refused')
}

export async function isGone(read: Promise<unknown>): Promise<boolean> {
  return read.then(
    () => false,
    (error: unknown) => error instanceof ApiException && error.code === 404,
  )
}
