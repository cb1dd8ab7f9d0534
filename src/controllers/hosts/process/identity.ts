import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * What tells this process from any other that ever had or will have its id: the boot and the start time within it.
 * Undefined when there is no such process (a zombie counts as none).
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? linuxIdentity(pid) : portableIdentity(pid)
}

/** True while exactly the process that was recorded runs. */
export async function isProcess(pid: number, identity: string): Promise<boolean> {
  return (await processIdentity(pid)) === identity
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The name, in parentheses, may contain anything; the fields after it do not.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return undefined
  return `${await bootId()}/${fields[18] ?? ''}`
}

let knownBootId: Promise<string> | undefined

function bootId(): Promise<string> {
  knownBootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim())
  return knownBootId
}

async function portableIdentity(pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  const said = stdout.trim().replaceAll(/\s+/g, ' ')
  return said === '' || said.startsWith('Z') ? undefined : said.slice(said.indexOf(' ') + 1)
}
