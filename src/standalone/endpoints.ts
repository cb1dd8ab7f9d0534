import { readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomically } from '../platform/files.ts'
import type { Layout } from './layout.ts'

/** What programs read from `endpoints.json`: the addresses of everything that runs, and where its secrets are. */
const Endpoints = z.object({
  ready: z.boolean(),
  pid: z.int(),
  kubeApi: z.string().optional(),
  api: z.string().optional(),
  push: z.string().optional(),
  apiMetrics: z.string().optional(),
  controller: z.string().optional(),
  controllerMetrics: z.string().optional(),
  edgePublic: z.string().optional(),
  edgeAuth: z.string().optional(),
  edgeAdmin: z.string().optional(),
  mailbox: z.string().optional(),
  smtp: z.string().optional(),
  kubeconfig: z.string(),
  serviceTokenFile: z.string(),
  adminPasswordFile: z.string(),
})
export type Endpoints = z.infer<typeof Endpoints>

export function writeEndpoints({ endpoints: path }: Layout, endpoints: Endpoints): Promise<void> {
  return writeFileAtomically(path, `${JSON.stringify(endpoints, null, 2)}\n`)
}

/** Undefined when there is none that makes sense. */
export async function readEndpoints({ endpoints }: Pick<Layout, 'endpoints'>): Promise<Endpoints | undefined> {
  try {
    return Endpoints.parse(JSON.parse(await readFile(endpoints, 'utf8')))
  } catch {
    return undefined
  }
}

export function removeEndpoints({ endpoints }: Layout): Promise<void> {
  return rm(endpoints, { force: true })
}
