import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { messageOf, Refusal } from '../errors.ts'
import { shownNumber, unportable, unportableNumbers } from '../exact-json.ts'
import { fieldPath } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { parseYaml } from './yaml.ts'

/** An object as a file describes it: named, but unknown to any server yet. */
const Described = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().min(1).optional() }),
})

const List = z.looseObject({ kind: z.string().regex(/List$/), items: z.array(z.unknown()) })

export type Manifest = {
  apiVersion: string
  kind: string
  name: string
  namespace: string | undefined
  object: JsonObject
}

/**
 * The objects described by a file, by a folder's .yaml, .yml and .json files in alphabetical order, or by standard input
 * (`-`).
 * @throws Refusal naming the file and the place in it
 */
export async function readManifests(path: string): Promise<Manifest[]> {
  if (path === '-') return parseManifests(await text(process.stdin), 'standard input')
  const found: Manifest[] = []
  for (const file of await filesAt(path)) {
    const content = await readFile(file, 'utf8').catch((error: unknown) => {
      throw refusal(file, messageOf(error))
    })
    found.push(...parseManifests(content, file))
  }
  if (found.length === 0) throw refusal(path, 'it describes no objects')
  return found
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = await readdir(path)
    return names
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name))
  } catch (error) {
    throw refusal(path, messageOf(error))
  }
}

/** @throws Refusal naming `source` and the line */
export function parseManifests(content: string, source: string): Manifest[] {
  try {
    return parseYaml(content).flatMap(({ line, value, repeated: [repeated] }) => {
      // kubectl lets the last one win without a word.
      if (repeated)
        throw refusal(`${source}, line ${repeated.line}`, `the key ${JSON.stringify(repeated.key)} is there twice`)
      return manifestsIn(value, `${source}, line ${line}`)
    })
  } catch (error) {
    throw error instanceof Refusal ? error : refusal(source, messageOf(error).split('\n')[0] ?? '')
  }
}

function manifestsIn(value: unknown, source: string): Manifest[] {
  const list = List.safeParse(value)
  if (list.success) return list.data.items.flatMap((item) => manifestsIn(item, source))
  const { success, data, error } = Described.safeParse(value)
  if (!success) {
    const said = error.issues.map(({ path, message }) => (path.length > 0 ? `${fieldPath(path)}: ${message}` : message))
    throw refusal(source, `no Kubernetes object: ${said.join('; ')}`)
  }
  const [number] = unportableNumbers(value)
  if (number) throw refusal(source, `${number.path}: ${shownNumber(number)} ${unportable}`)
  const { apiVersion, kind, metadata } = data
  return [{ apiVersion, kind, name: metadata.name, namespace: metadata.namespace, object: data }]
}

function refusal(source: string, message: string): Refusal {
  return new Refusal('invalid', 'bad_manifest', `${source}: ${message}`)
}
