import { glob, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  type ConditionPage,
  engineVersionConditions,
  engineVersionEvents,
  gameConditions,
  gameEvents,
} from '../../scripts/reference-reasons.ts'

const folders = ['game', 'engine-version']
const beside = ['src/controllers/hosts/port.ts', 'src/resources/hibernation.ts']
/** Phases, values of fields, and names of other things than reasons. */
const otherWords = [
  'Failed Finished Paused Pending Running Stopped Stopping Retain Skip'.split(' '),
  'True False Unknown Normal Warning Background Conflict NotFound HostError HostUnavailable'.split(' '),
].flat()

/** All words in quotes that could be a reason: those of the code that writes conditions and events. */
async function wordsOfTheCode(): Promise<Set<string>> {
  const files = [...beside]
  for (const folder of folders)
    for await (const file of glob(`src/controllers/${folder}/*.ts`))
      if (!/(\.test|fixtures|world)\.ts$/.test(file)) files.push(file)
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return new Set(texts.flatMap((text) => [...text.matchAll(/'([A-Z][a-z]+[A-Za-z]*)'/g)].map(([, word = '']) => word)))
}

const conditions: readonly ConditionPage[] = [...gameConditions, ...engineVersionConditions]
const reasons = conditions.flatMap((condition) => Object.keys(condition.reasons))
const events = [gameEvents, engineVersionEvents].flatMap((each) => Object.values(each).flatMap(Object.keys))

describe('the reference of conditions and events', () => {
  it('has every reason that the controller writes', async () => {
    const known = new Set([...conditions.map(({ type }) => type), ...reasons, ...events, ...otherWords])
    expect([...(await wordsOfTheCode())].filter((word) => !known.has(word))).toEqual([])
  })

  it('has none that the controller never writes', async () => {
    const words = await wordsOfTheCode()
    // Events about a volume are called after the condition's reason.
    const isWritten = (reason: string) => words.has(reason) || words.has(reason.replace(/^Volume/, ''))
    expect([...reasons, ...events].filter((reason) => !isWritten(reason))).toEqual([])
  })
})
