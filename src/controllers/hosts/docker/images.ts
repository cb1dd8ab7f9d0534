import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Log } from '../../../platform/log.ts'
import { HostError } from '../port.ts'
import { callUnless, type Daemon, hostError } from './daemon.ts'

const Inspected = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() })

/** A line of what the daemon tells while it pulls. */
const Progress = z.looseObject({
  id: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
})

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/
const reportEveryMs = 5000

/**
 * Makes sure that the daemon has the image; one that it has already is not asked for again. Returns the digest by which
 * its registry knows it, or its id if it came from none.
 * @throws HostError ImageUnavailable in the daemon's words
 */
export async function pullImage(daemon: Daemon, image: string, { signal, log }: { signal: AbortSignal; log: Log }) {
  checkImageName(image)
  const before = await imageDigest(daemon, image)
  if (before !== undefined) return before
  try {
    const stream = await daemon.pull(image, { abortSignal: signal })
    await follow(stream, progressLog(image, log))
  } catch (error) {
    throw hostError(error, 'ImageUnavailable')
  }
  const digest = await imageDigest(daemon, image)
  if (digest === undefined) throw new HostError('ImageUnavailable', `${image} was pulled and is gone again`)
  return digest
}

/**
 * Refuses what cannot be an image's name: the client makes a path of it as it is.
 * @throws HostError ImageUnavailable
 */
export function checkImageName(image: string): void {
  if (namePattern.test(image) && !image.includes('..') && !image.includes('//')) return
  throw new HostError('ImageUnavailable', `"${image}" cannot be the name of an image`)
}

async function imageDigest(daemon: Daemon, image: string): Promise<string | undefined> {
  const found = await callUnless([400, 404], () => daemon.getImage(image).inspect())
  if (found === undefined) return undefined
  const { Id, RepoDigests } = Inspected.parse(found)
  return RepoDigests?.[0]?.split('@')[1] ?? Id
}

/** Reads to the end: the daemon pulls only while somebody listens, and tells of a failure as a line. */
async function follow(stream: NodeJS.ReadableStream, tell: (layer: Layer) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (line.trim() === '') continue
    const { id = '', error, progressDetail } = Progress.parse(JSON.parse(line))
    if (error !== undefined) throw new HostError('ImageUnavailable', error)
    if (progressDetail?.total) tell({ id, current: progressDetail.current ?? 0, total: progressDetail.total })
  }
}

type Layer = { id: string; current: number; total: number }

/** Says now and then how far it is: a large image takes minutes, and somebody waits. */
function progressLog(image: string, log: Log): (layer: Layer) => void {
  const layers = new Map<string, Layer>()
  let reportedAt = Date.now()
  return (layer) => {
    layers.set(layer.id, layer)
    if (Date.now() - reportedAt < reportEveryMs) return
    reportedAt = Date.now()
    const sum = (member: 'current' | 'total') => [...layers.values()].reduce((all, each) => all + each[member], 0)
    log.info({ image, pulledBytes: sum('current'), knownBytes: sum('total') }, 'pulling an image')
  }
}
