import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { childEnvironment } from '../../../platform/child-environment.ts'
import { systemErrorCode } from '../../../platform/errors.ts'

/** A process, told from every other that ever had or will have its id by the boot and the start time within it. */
export type ProcessId = { pid: number; identity: string }

const run = promisify(execFile)
const onLinux = process.platform === 'linux'

/**
 * The identity of the process that has this id now; undefined when there is none (a zombie counts as none).
 * Throws when that cannot be told: an engine must never be taken for dead because we are out of file descriptors.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (!onLinux) return portableIdentity(pid)
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(undefinedWhenGone)
  return stat === undefined || hasEnded(stat) ? undefined : identityFrom(await bootId(), stat)
}

/** True while exactly the process that was recorded runs. */
export async function isProcess({ pid, identity }: ProcessId): Promise<boolean> {
  return (await processIdentity(pid)) === identity
}

/**
 * The identity of a child that was spawned in this very turn of the event loop, even if it has ended already: it cannot
 * have been reaped yet. Elsewhere than on Linux one that ended is beyond recognition.
 */
export async function childIdentity(pid: number): Promise<ProcessId> {
  const stat = onLinux ? readFileSync(`/proc/${pid}/stat`, 'utf8') : undefined
  const identity = stat === undefined ? await portableIdentity(pid) : identityFrom(await bootId(), stat)
  return { pid, identity: identity ?? 'ended' }
}

/** A cheap look (10 µs) for watching many. True while it seems to run; a false one is worth a closer look. */
export function seemsToRun({ pid, identity }: ProcessId): boolean {
  try {
    if (!onLinux) return process.kill(pid, 0)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !hasEnded(stat) && identity.endsWith(`/${startTime(stat)}`)
  } catch {
    return false
  }
}

/** What the launch wrapper wrote of itself: four lines, the last of which says that it is whole. */
export function parsePidFile(text: string): ProcessId | undefined {
  const [pid = '', boot = '', said = '', end] = text.split('\n')
  if (end !== 'end' || !/^[1-9][0-9]*$/.test(pid)) return undefined
  return { pid: Number(pid), identity: onLinux ? identityFrom(boot || noBootId, said) : singleSpaced(said) }
}

const noBootId = 'boot'
let knownBootId: Promise<string> | undefined

function bootId(): Promise<string> {
  knownBootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => noBootId,
  )
  return knownBootId
}

function identityFrom(boot: string, stat: string): string {
  return `${boot}/${startTime(stat)}`
}

/** Field 22 of proc(5) stat, in clock ticks since the boot. */
function startTime(stat: string): string {
  return fieldsOf(stat)[19] ?? ''
}

function hasEnded(stat: string): boolean {
  const [state] = fieldsOf(stat)
  return state === 'Z' || state === 'X'
}

/** The fields from the third on: the second, a name in parentheses, may contain anything. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function undefinedWhenGone(error: unknown): undefined {
  if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ESRCH') return undefined
  throw error
}

async function portableIdentity(pid: number): Promise<string | undefined> {
  // The start time is written in the time zone and language of whoever asks.
  const env = childEnvironment()
  const said = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env }).then(
    ({ stdout }) => singleSpaced(stdout),
    (error: unknown) => {
      // Exit code 1 says that there is no such process; anything else, that ps could not be asked.
      if (systemErrorCode(error) === 1) return ''
      throw error
    },
  )
  return said === '' || said.startsWith('Z') ? undefined : said.slice(said.indexOf(' ') + 1)
}

function singleSpaced(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}
