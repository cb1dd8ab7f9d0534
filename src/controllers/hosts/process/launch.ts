import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '../../../platform/clock.ts'
import { engineEnvironment } from '../../../engine-contract/index.ts'
import type { EngineSpec } from '../port.ts'
import { processIdentity } from './identity.ts'
import type { EngineRecord, GamePaths } from './record.ts'

/**
 * The wrapper tells its process id in a file and becomes the engine. It does so only while the record still names this
 * start: one that was given up, because the platform died and came back, ends without having done anything.
 */
const wrapper = `start=$(set -- $(cat "/proc/$$/stat" 2>/dev/null); shift 21 2>/dev/null && echo "$1" || ps -o lstart= -p "$$")
echo "$$ $start" >"$1.tmp" && mv "$1.tmp" "$1" && grep -q "$2" "$3" || exit 75
shift 3
exec "$@"`

const maxLogBytes = 5_000_000

export type Launch = {
  paths: GamePaths
  record: EngineRecord
  command: readonly string[]
  spec: EngineSpec
  orphanGraceMs: number
}

/** Starts the engine in a session of its own, so that it outlives us and no signal meant for us reaches it. */
export async function launchEngine({ paths, record, command, spec, orphanGraceMs }: Launch): Promise<ChildProcess> {
  await rotateLog(paths.log)
  await using log = await open(paths.log, 'a', 0o600)
  const args = ['-c', wrapper, 'engine', paths.pid(record.nonce), record.nonce, paths.record, ...command]
  const child = spawn('sh', args, {
    cwd: paths.root,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: environmentOf({ paths, record, spec, orphanGraceMs }),
  })
  await once(child, 'spawn')
  child.unref()
  return child
}

/** Nothing of the platform's own environment: an engine must not see its secrets. */
function environmentOf({ paths, record, spec, orphanGraceMs }: Omit<Launch, 'command'>): Record<string, string> {
  const { PATH = '/usr/bin:/bin', LANG = 'C.UTF-8', TZ = 'UTC' } = process.env
  return {
    PATH,
    LANG,
    TZ,
    HOME: paths.root,
    ...Object.fromEntries(spec.env.map(({ name, value }) => [name, value])),
    [engineEnvironment.stateDir]: paths.state,
    [engineEnvironment.host]: '127.0.0.1',
    [engineEnvironment.port]: String(record.port),
    [engineEnvironment.epoch]: String(record.epoch),
    [engineEnvironment.orphanGrace]: `${orphanGraceMs}ms`,
  }
}

/** The process of a start whose outcome nobody recorded, because the platform died meanwhile. */
export async function findLaunched(paths: GamePaths, nonce: string): Promise<EngineRecord['process']> {
  const said = await readFile(paths.pid(nonce), 'utf8').catch(() => '')
  const [, digits = '', start = ''] = /^([0-9]+) (.+)$/m.exec(said) ?? []
  const pid = Number(digits)
  const identity = pid > 0 ? await processIdentity(pid) : undefined
  // The id may belong to a stranger by now: only one that started when the wrapper did is ours.
  return identity?.endsWith(`${separator}${start.trim().replaceAll(/\s+/g, ' ')}`) ? { pid, identity } : undefined
}

/**
 * Ends what earlier starts may have left: call it once the record no longer names them. A wrapper first writes its file
 * and then reads the record, we first write the record and then read its file: at least one sees the other.
 */
export async function endStrays(paths: GamePaths, currentNonce: string | undefined): Promise<void> {
  const names = (await readdir(paths.root).catch(() => [])).filter((name) => name.startsWith('pid.'))
  for (const name of names) {
    const nonce = name.slice('pid.'.length)
    if (currentNonce !== undefined && nonce.startsWith(currentNonce)) continue
    const stray = await findLaunched(paths, nonce)
    if (stray) killGroup(stray.pid)
    await rm(join(paths.root, name), { force: true })
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

const separator = process.platform === 'linux' ? '/' : ''

/** Waits for the wrapper's process to be identifiable; it is at once, unless the machine is very busy. */
export async function identify(child: ChildProcess): Promise<EngineRecord['process']> {
  const { pid } = child
  if (pid === undefined) return undefined
  for (let round = 0; round < 100; round += 1) {
    const identity = await processIdentity(pid)
    if (identity !== undefined) return { pid, identity }
    if (child.exitCode !== null || child.signalCode !== null) return undefined
    await sleep(10)
  }
  return undefined
}

async function rotateLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size < maxLogBytes) return
  await rm(`${path}.1`, { force: true })
  await rename(path, `${path}.1`)
}
