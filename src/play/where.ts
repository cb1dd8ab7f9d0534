import { readFile, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { StartupError } from '../platform/errors.ts'

/** The addresses of one platform. */
export type Where = {
  publicUrl: string
  authUrl: string
  /** Where the mail of a platform on this machine can be read. */
  mailbox?: string | undefined
  /** Tells platforms apart, so that each keeps sign-ins of its own. */
  identity: string
}

const Endpoints = z.object({
  ready: z.literal(true),
  edgePublic: z.url(),
  edgeAuth: z.url(),
  mailbox: z.url().optional(),
})

export type WhereOptions = { dataDir: string } | { gateway: string; public: string }

/**
 * The platform to play on.
 * @throws StartupError when none runs on the data directory
 */
export async function findPlatform(options: WhereOptions): Promise<Where> {
  if ('gateway' in options) {
    return { publicUrl: options.public, authUrl: options.gateway, identity: new URL(options.gateway).host }
  }
  const endpoints = Endpoints.safeParse(await readJson(join(options.dataDir, 'endpoints.json')))
  if (!endpoints.success) {
    throw new StartupError(
      `no platform is ready in ${options.dataDir}\n'galaxy up' starts one; --gateway and --public lead to one elsewhere`,
    )
  }
  const { edgePublic, edgeAuth, mailbox } = endpoints.data
  // Its ports may be others each time; its directory stays.
  const identity = await realpath(resolve(options.dataDir))
  return { publicUrl: edgePublic, authUrl: edgeAuth, mailbox, identity }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
