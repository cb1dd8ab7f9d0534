import { constants } from 'node:fs'
import { access, readFile, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../../platform/errors.ts'
import { checkDataDir, runningOn } from '../data-dir.ts'
import type { Layout } from '../layout.ts'
import { tryDataDir } from '../usable-path.ts'
import { adviseThat, type Check, checkThat } from './finding.ts'

const enoughSpaceMb = 1024

export function storageChecks(layout: Layout): Check[] {
  return [
    checkThat('data directory', () => dataDirState(layout)),
    checkThat('engines', () => writable(layout.engines, layout)),
    checkThat('keys', () =>
      readable([
        layout.adminToken,
        layout.controllerToken,
        layout.apiToken,
        layout.serviceToken,
        layout.codePepper,
        layout.responseSigner,
        layout.certificate,
      ]),
    ),
    adviseThat('disk', () => space(layout)),
  ]
}

async function dataDirState(layout: Layout): Promise<string> {
  await checkDataDir(layout)
  await tryDataDir(layout.root)
  const pid = await runningOn(layout)
  if (pid !== undefined) return `${layout.root}, in use by process ${pid}`
  if (await exists(layout.version)) return layout.root
  return `${layout.root} will be made by the first start`
}

async function writable(path: string, { root }: Layout): Promise<string> {
  if (!(await exists(path))) return 'will be made by the first start'
  try {
    await access(path, constants.W_OK | constants.X_OK)
    return `${path} is writable`
  } catch (error) {
    throw new Error(`${path} is not writable (${messageOf(error)}): change that, or choose another than ${root}`, {
      cause: error,
    })
  }
}

async function readable(paths: readonly string[]): Promise<string> {
  const found = []
  for (const path of paths) if (await exists(path)) found.push(path)
  for (const path of found) await readFile(path)
  return found.length === 0 ? 'will be made by the first start' : 'readable'
}

async function space(layout: Layout): Promise<string> {
  const { bavail, bsize } = await statfs(await nearest(layout.root))
  const freeMb = Math.floor((bavail * bsize) / 1_048_576)
  if (freeMb >= enoughSpaceMb) return `${freeMb} MB free`
  throw new Error(`only ${freeMb} MB free at ${layout.root}: turns fail once it is full`)
}

async function nearest(path: string): Promise<string> {
  return (await exists(path)) || dirname(path) === path ? path : nearest(dirname(path))
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
