import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { childEnvironment } from '../../../platform/child-environment.ts'
import { engineEnvironment } from '../../../engine-contract/index.ts'
import type { EngineSpec } from '../port.ts'
import { type ChildEnd, rememberChild } from './children.ts'
import { childIdentity, type ProcessId } from './identity.ts'
import type { EngineRecord, GamePaths } from './record.ts'
import { startFiles } from './starts.ts'

/**
 * Tells its process id in a file and becomes the engine, unless the start was given up meanwhile (see starts.ts). Of
 * shell builtins alone, because a fork costs more than all of it; `ps` is for where there is no /proc.
 */
const wrapper = `_galaxy_stat= _galaxy_boot=
{ read -r _galaxy_stat <"/proc/$$/stat" && read -r _galaxy_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
[ -n "$_galaxy_stat" ] || _galaxy_stat=$(LC_ALL=C TZ=UTC ps -o lstart= -p "$$")
printf '%s\\n' "$$" "$_galaxy_boot" "$_galaxy_stat" end >"$1" || exit 74
[ -e "$2" ] || exit 75
shift 2
exec "$@"`

export type Launch = {
  paths: GamePaths
  record: EngineRecord
  command: readonly string[]
  env: EngineSpec['env']
  orphanGraceMs: number
}

export type Launched = {
  process: ProcessId
  /** Settles when it has ended. */
  ended: Promise<ChildEnd>
}

/**
 * Starts the engine in a session of its own, so that it outlives us and no signal meant for us reaches it. Its output
 * goes straight to a file, so that nothing breaks when we die.
 */
export async function launchEngine({ paths, record, command, env, orphanGraceMs }: Launch): Promise<Launched> {
  const { pid, intent } = startFiles(paths, record.nonce)
  await using output = await open(paths.log, 'a', 0o600)
  const child = spawn('/bin/sh', ['-c', wrapper, 'engine', pid, intent, ...command], {
    cwd: paths.root,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { ...surrounding(paths), ...named(env), ...contract(paths, record, orphanGraceMs) },
  })
  // All at once, because one that ends at once tells of its end only once, and is beyond recognition afterwards.
  child.unref()
  const ended = rememberChild(record.nonce, child)
  const identity = child.pid === undefined ? undefined : childIdentity(child.pid)
  const [process] = await Promise.all([identity, once(child, 'spawn')])
  if (!process) throw new Error('the process has no id')
  return { process, ended }
}

/** What an engine finds in a container, too. */
function surrounding({ root }: GamePaths): Record<string, string> {
  const { PATH = '' } = childEnvironment()
  return { PATH, LANG: 'C.UTF-8', TZ: 'UTC', HOME: root }
}

function named(env: EngineSpec['env']): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

function contract({ state }: GamePaths, { port, epoch }: EngineRecord, orphanGraceMs: number): Record<string, string> {
  return {
    [engineEnvironment.stateDir]: state,
    [engineEnvironment.host]: '127.0.0.1',
    [engineEnvironment.port]: String(port),
    [engineEnvironment.epoch]: String(epoch),
    [engineEnvironment.orphanGrace]: `${orphanGraceMs}ms`,
  }
}
