import { readFile } from 'node:fs/promises'
import type { AuthConfigObject } from 'dockerode'
import { z } from 'zod'
import { systemErrorCode } from '../../../platform/errors.ts'
import { defaultRegistry, registryOf } from '../image-problem.ts'
import { HostError } from '../port.ts'

const Entry = z.object({
  /** `user:password` in base64. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})

const Configuration = z.object({ auths: z.record(z.string(), Entry).default({}) })

/**
 * What to show the image's registry, out of a Docker configuration as `docker login` writes it; undefined when that says
 * nothing of the registry. Read each time, as a mounted secret may be replaced.
 * @throws HostError ImageUnavailable when the file cannot be used; never with anything of its content
 */
export async function credentialsFor(image: string, path: string): Promise<AuthConfigObject | undefined> {
  const registry = registryOf(image)
  const { auths } = await readConfiguration(path)
  const [serveraddress, entry] = Object.entries(auths).find(([key]) => registryOfKey(key) === registry) ?? []
  if (entry === undefined || serveraddress === undefined) return undefined
  const [username, password] = entry.auth ? splitOnce(entry.auth) : [entry.username, entry.password]
  if (entry.identitytoken) return { identitytoken: entry.identitytoken, serveraddress }
  if (username && password) return { username, password, serveraddress }
  throw unusable(path, `has no password for ${registry}; those that a credential helper keeps cannot be used`)
}

/** Keys are hosts, or addresses as they were in the past. */
function registryOfKey(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? defaultRegistry : host
}

function splitOnce(auth: string): [string, string] {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)]
}

async function readConfiguration(path: string): Promise<z.infer<typeof Configuration>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(path, `cannot be read (${String(systemErrorCode(error))})`)
  })
  try {
    return Configuration.parse(JSON.parse(text))
  } catch {
    // What the parser says may quote what it read.
    throw unusable(path, 'is no Docker configuration')
  }
}

function unusable(path: string, why: string): HostError {
  return new HostError('ImageUnavailable', `setting CONTROLLER_DOCKER_CONFIG: ${path} ${why}`)
}
