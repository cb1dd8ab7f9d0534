import { z } from 'zod'
import type { Log } from '../../../platform/log.ts'
import { imageProblem } from '../image-problem.ts'
import { HostError } from '../port.ts'
import { credentialsFor } from './credentials.ts'
import { callUnless, type Daemon, hostError } from './daemon.ts'
import { linesOf } from './lines.ts'

const Inspected = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() })

/** A line of what the daemon tells while it pulls. */
const Progress = z.looseObject({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
})

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/
const reportEveryMs = 5000

export type PullOptions = {
  signal: AbortSignal
  /** Path of a Docker configuration with credentials. */
  credentials: string | undefined
  /** Given up when nothing comes for so long. */
  idleMs: number
  log: Log
}

/**
 * Makes sure that the daemon has the image; one that it has already is not asked for again. Returns the digest by which
 * its registry knows it, or its id if it came from none.
 * @throws HostError ImageUnavailable that names the image and its registry, with the daemon's words and what to do
 */
export async function pullImage(daemon: Daemon, image: string, options: PullOptions): Promise<string> {
  checkImageName(image)
  const before = await imageDigest(daemon, image)
  if (before !== undefined) return before
  await pull(daemon, image, options)
  const digest = await imageDigest(daemon, image)
  if (digest === undefined) throw new HostError('ImageUnavailable', `${image} was pulled and is gone again`)
  return digest
}

async function pull(daemon: Daemon, image: string, { signal, credentials, idleMs, log }: PullOptions): Promise<void> {
  const authconfig = credentials === undefined ? undefined : await credentialsFor(image, credentials)
  // A registry that falls silent would keep the caller for ever.
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(), idleMs)
  let said = 'no answer'
  try {
    const abortSignal = AbortSignal.any([signal, idle.signal])
    const stream = await daemon.pull(image, { abortSignal, ...(authconfig && { authconfig }) })
    const report = progressLog(image, log)
    await follow(stream, (layer) => {
      // The daemon counts down to its next attempt at a layer; that is no progress.
      if (!layer.status.startsWith('Retrying')) timer.refresh()
      said = layer.status
      report(layer)
    })
  } catch (error) {
    const { failure, message } = hostError(error, 'ImageUnavailable')
    const isIdle = idle.signal.aborted
    if (!isIdle && failure !== 'ImageUnavailable') throw hostError(error, failure)
    const why = isIdle ? `pulling ${image} has not got on for ${idleMs / 1000} s: ${said}` : message
    throw new HostError('ImageUnavailable', imageProblem(image, why, 'docker'), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Refuses what cannot be an image's name: the client makes a path of it as it is.
 * @throws HostError ImageUnavailable
 */
export function checkImageName(image: string): void {
  if (namePattern.test(image) && !image.includes('..') && !image.includes('//')) return
  throw new HostError('ImageUnavailable', `"${image}" cannot be the name of an image`)
}

/** The digest of an image that the daemon has, by its name or id. */
export async function imageDigest(daemon: Daemon, image: string): Promise<string | undefined> {
  const found = await callUnless([400, 404], () => daemon.getImage(image).inspect())
  if (found === undefined) return undefined
  const { Id, RepoDigests } = Inspected.parse(found)
  return RepoDigests?.[0]?.split('@')[1] ?? Id
}

/** Reads to the end: the daemon pulls only while somebody listens, and tells of a failure as a line. */
async function follow(stream: NodeJS.ReadableStream, tell: (layer: Layer) => void): Promise<void> {
  for await (const line of linesOf(stream)) {
    const { id = '', status = '', error, progressDetail } = Progress.parse(JSON.parse(line))
    if (error !== undefined) throw new HostError('ImageUnavailable', error)
    const { current = 0, total = 0 } = progressDetail ?? {}
    tell({ id, status, current, total })
  }
}

type Layer = { id: string; status: string; current: number; total: number }

/** Says now and then how far it is: a large image takes minutes, and somebody waits. */
function progressLog(image: string, log: Log): (layer: Layer) => void {
  const layers = new Map<string, Layer>()
  let reportedAt = performance.now()
  return (layer) => {
    if (layer.total > 0) layers.set(layer.id, layer)
    if (performance.now() - reportedAt < reportEveryMs) return
    reportedAt = performance.now()
    const sum = (member: 'current' | 'total') => [...layers.values()].reduce((all, each) => all + each[member], 0)
    log.info({ image, pulledBytes: sum('current'), knownBytes: sum('total') }, 'pulling an image')
  }
}
