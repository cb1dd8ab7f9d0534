/** A field that an object of a JSON text has twice: `spec.players[0].raceName`, and the line of the second one. */
export type DuplicateField = { path: string; key: string; line: number }

/** As many as the API server tells. */
const most = 100

/** Texts, and the signs that structure a JSON text. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]/gs

type Level = { path: string; keys: Set<string> | undefined; index: number; key: string }

/** The fields that are there twice in a text that is known to be JSON. */
export function duplicateFields(json: string): DuplicateField[] {
  const found = new Map<string, DuplicateField>()
  const levels: Level[] = []
  let [line, text] = [1, '']
  for (const [token] of json.matchAll(tokens)) {
    const level = levels.at(-1)
    if (token === '\n') line += 1
    else if (token === '{' || token === '[') levels.push(levelIn(level, token === '{'))
    else if (token === '}' || token === ']') levels.pop()
    else if (token === ',') next(level)
    else if (token === ':') note(level, text)
    else text = token
  }
  return [...found.values()]

  function note(level: Level | undefined, written: string): void {
    if (!level?.keys) return
    level.key = keyOf(written)
    const path = memberPath(level)
    if (level.keys.has(level.key) && found.size < most)
      found.set(path, found.get(path) ?? { path, key: level.key, line })
    level.keys.add(level.key)
  }
}

/** Escapes do not make a key another one. */
function keyOf(written: string): string {
  return written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1)
}

function levelIn(parent: Level | undefined, isMapping: boolean): Level {
  return { path: parent ? memberPath(parent) : '', keys: isMapping ? new Set() : undefined, index: 0, key: '' }
}

function next(level: Level | undefined): void {
  if (level && !level.keys) level.index += 1
}

function memberPath({ path, keys, index, key }: Level): string {
  if (!keys) return `${path}[${index}]`
  return path === '' ? key : `${path}.${key}`
}
