import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { fieldPath } from '../input.ts'
import { ExecConfig, isRelativeCommand } from './exec-plugin.ts'
import { parseYaml } from './yaml.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined)
  .optional()
const needed = z.string('is missing').min(1, 'is missing')
const anything = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? undefined)
  .optional()

/** kubectl writes `null` for a list that has become empty. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])
}

const Cluster = z.object(
  {
    server: needed,
    'certificate-authority': text,
    'certificate-authority-data': text,
    'insecure-skip-tls-verify': z.boolean().nullish(),
    'tls-server-name': text,
    'proxy-url': text,
    extensions: listOf(z.object({ name: needed, extension: z.unknown() })),
  },
  'is missing',
)
export type KubeconfigCluster = z.infer<typeof Cluster>

const User = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  as: text,
  exec: ExecConfig.nullish()
    .transform((exec) => exec ?? undefined)
    .optional(),
  'auth-provider': anything,
})
export type KubeconfigUser = z.infer<typeof User>

const Context = z.object({ cluster: needed, user: text, namespace: text }, 'is missing')

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, as far as it is followed here. */
const Kubeconfig = z.object({
  'current-context': text,
  clusters: listOf(z.object({ name: needed, cluster: Cluster })),
  users: listOf(z.object({ name: needed, user: z.preprocess((user) => user ?? {}, User) })),
  contexts: listOf(z.object({ name: needed, context: Context })),
})
type Kubeconfig = z.infer<typeof Kubeconfig>

/** What a context leads to. */
export type ChosenContext = { cluster: KubeconfigCluster; user: KubeconfigUser; namespace: string | undefined }

/**
 * A context, the current one unless it is named, of files that are merged as kubectl does it: what the first of them says
 * counts, and those that are not there are passed over.
 * @throws Error saying what is missing or bad
 */
export function readContext(paths: readonly string[], wanted?: string): ChosenContext {
  const present = paths.filter((path) => existsSync(path))
  // Without any, the first is read all the same: the error says that it is not there.
  const files = (present.length > 0 ? present : paths.slice(0, 1)).map(readKubeconfig)
  const current = wanted ?? files.flatMap((file) => file['current-context'] ?? []).at(0) ?? ''
  const context = named(
    current,
    files.flatMap(({ contexts }) => contexts),
  )?.context
  const cluster = named(
    context?.cluster,
    files.flatMap(({ clusters }) => clusters),
  )?.cluster
  const user = named(
    context?.user,
    files.flatMap(({ users }) => users),
  )?.user
  if (!cluster) throw new Error(`no cluster for its current context "${current}"`)
  if (!user) throw new Error(`no user for its current context "${current}"`)
  return { cluster, user, namespace: context?.namespace }
}

function named<T extends { name: string }>(name: string | undefined, items: readonly T[]): T | undefined {
  return items.find((each) => each.name === name)
}

function readKubeconfig(path: string): Kubeconfig {
  const parsed = Kubeconfig.safeParse(parseYaml(readFileSync(path, 'utf8'))[0]?.value)
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${fieldPath(issue.path)} ${issue.message}`.trim()).join('; '))
  }
  const { clusters, users, ...rest } = parsed.data
  const from = (file: string | undefined) => file && resolve(dirname(path), file)
  return {
    ...rest,
    clusters: clusters.map(({ name, cluster }) => ({
      name,
      cluster: { ...cluster, 'certificate-authority': from(cluster['certificate-authority']) },
    })),
    users: users.map(({ name, user }) => ({
      name,
      user: {
        ...user,
        exec: user.exec && { ...user.exec, command: commandFrom(dirname(path), user.exec.command) },
        tokenFile: from(user.tokenFile),
        'client-certificate': from(user['client-certificate']),
        'client-key': from(user['client-key']),
      },
    })),
  }
}

/** As kubectl: relative to the kubeconfig where it is a path, and in PATH where it is but a name. */
function commandFrom(folder: string, command: string): string {
  return isRelativeCommand(command) ? resolve(folder, command) : command
}
