import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { StartupError, systemErrorCode } from '../platform/errors.ts'
import { makeFolder, writeFileAtomically } from '../platform/files.ts'
import { type Layout, layoutOf } from './layout.ts'
import { tryLock } from './lock.ts'
import { cannotUse, resolveDataDir, trialName, tryDataDir } from './usable-path.ts'

const layoutVersion = '1'

/** What may be there before the version file: a first start that was killed at once. */
const transient = /^(lock(-journal)?|pid|version\..*\.tmp|pid\..*\.tmp)$/

export type DataDir = Layout & AsyncDisposable

/**
 * Makes sure that the directory is ours, whole and nobody else's, and keeps it locked until disposed of. Never deletes
 * what it does not know.
 * @throws StartupError saying what is wrong with the directory and what to do
 */
export async function openDataDir(path: string): Promise<DataDir> {
  const layout = layoutOf(resolveDataDir(path))
  await checkDataDir(layout)
  await tryDataDir(layout.root)
  const lock = await makeAndLock(layout)
  try {
    // Once more, now that nobody else can be in the middle of making it.
    await checkDataDir(layout)
    await writeFileAtomically(layout.pid, `${process.pid}\n`)
    if ((await kindOf(layout.version)) === 'none') await writeFileAtomically(layout.version, `${layoutVersion}\n`)
    for (const folder of [layout.keys, layout.engines, layout.mail]) await makeFolder(folder, { mode: 0o700 })
    // Whoever reads it would take a killed predecessor's addresses for ours.
    await rm(layout.endpoints, { force: true })
  } catch (error) {
    lock[Symbol.dispose]()
    throw error instanceof StartupError ? error : cannotUse(layout.root, error)
  }
  return {
    ...layout,
    [Symbol.asyncDispose]: async () => {
      await rm(layout.pid, { force: true })
      lock[Symbol.dispose]()
    },
  }
}

/** The process id of the galaxy that runs on the directory, if one does. */
export async function runningOn(layout: Layout): Promise<number | undefined> {
  if ((await kindOf(layout.lock)) !== 'file') return undefined
  const lock = tryLock(layout.lock)
  lock?.[Symbol.dispose]()
  return lock ? undefined : await readPid(layout)
}

/**
 * Changes nothing. A directory that is not there yet is in order.
 * @throws StartupError saying what is wrong with the directory and what to do
 */
export async function checkDataDir(layout: Layout): Promise<void> {
  try {
    const kind = await kindOf(layout.root)
    if (kind === 'none') return
    if (kind === 'file')
      throw new StartupError(`the data directory ${layout.root} is a file: choose another --data-dir`)
    await refuseForeign(layout)
    await refuseOtherVersion(layout)
    await refuseWrongShapes(layout)
  } catch (error) {
    throw error instanceof StartupError ? error : cannotUse(layout.root, error)
  }
}

async function makeAndLock(layout: Layout): Promise<Disposable> {
  try {
    // Others may pass through (Postgres runs under another account when we are root), but not look around.
    await makeFolder(layout.root, { mode: 0o711 })
  } catch (error) {
    throw cannotUse(layout.root, error)
  }
  const lock = tryLock(layout.lock)
  if (!lock) throw new StartupError(await inUse(layout))
  return lock
}

async function refuseForeign({ root }: Layout): Promise<void> {
  const entries = await readdir(root)
  if (entries.includes('version') || entries.every((name) => transient.test(name) || trialName.test(name))) return
  throw new StartupError(
    `${root} holds files but is no galaxy data directory (its file "version" is missing): ` +
      'put that file back if it was one, else choose another --data-dir',
  )
}

async function refuseOtherVersion({ root, version }: Layout): Promise<void> {
  const kind = await kindOf(version)
  if (kind === 'none') return
  const found = kind === 'file' ? (await readFile(version, 'utf8')).trim() : ''
  if (found === layoutVersion) return
  if (/^[0-9]{1,6}$/.test(found))
    throw new StartupError(
      `${root} has layout ${found}, this galaxy knows layout ${layoutVersion}: ` +
        'run the galaxy that wrote it, or choose another --data-dir',
    )
  throw new StartupError(
    `${version} is damaged: write "${layoutVersion}" into it if the rest of ${root} is whole, else restore ${root} from a backup`,
  )
}

async function refuseWrongShapes(layout: Layout): Promise<void> {
  const wanted = [
    ...[layout.keys, layout.postgres, layout.engines, layout.mail].map((path) => ({ path, kind: 'folder' })),
    ...[layout.pid, layout.kubeconfig, layout.endpoints].map((path) => ({ path, kind: 'file' })),
  ]
  for (const { path, kind } of wanted) {
    const found = await kindOf(path)
    if (found !== 'none' && found !== kind)
      throw new StartupError(`${path} should be a ${kind} but is none: move it away, or restore it from a backup`)
  }
}

async function inUse(layout: Layout): Promise<string> {
  const pid = await readPid(layout)
  const who = pid === undefined ? 'another galaxy' : `another galaxy (process ${pid})`
  return `${layout.root} is in use by ${who}: stop it, or choose another --data-dir`
}

async function readPid({ pid }: Layout): Promise<number | undefined> {
  const found = Number.parseInt(await readFile(pid, 'utf8').catch(() => ''), 10)
  return Number.isInteger(found) ? found : undefined
}

async function kindOf(path: string): Promise<'none' | 'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String(systemErrorCode(error)))) return 'none'
    throw error
  }
}
