import { describe, expect, it } from 'vitest'
import { countAfter } from './count-after.ts'
import { aGame, aVersion } from './fixtures.ts'

/** Of the shared version 1.0.0, when `others` run theirs. */
function afterMs(before: string | undefined, after: string | undefined, others: ReturnType<typeof aGame>[] = []) {
  const version = aVersion('shared')
  const [from, to] = [before, after].map((pinned) => (pinned === undefined ? undefined : aGame('other', pinned)))
  const games = to ? [to, ...others] : others
  const around = { games: { list: () => games }, versions: { list: () => [version] }, sharedNamespace: 'shared' }
  return countAfter(version, { before: from, after: to }, around)
}

describe('the games of a version are counted', () => {
  it.each([
    { what: 'the last of them is gone', after: undefined },
    { what: 'the last of them runs another', after: '1.0.1' },
  ])('at once when $what', ({ after }) => {
    expect(afterMs('1.0.0', after)).toBe(0)
    expect(afterMs('1.0.0', after, [aGame('third', '1.0.1')])).toBe(0)
  })

  it('a second late, for many at once, while there are any', () => {
    expect(afterMs(undefined, '1.0.0')).toBe(1000)
    expect(afterMs('1.0.1', '1.0.0')).toBe(1000)
    expect(afterMs('1.0.0', undefined, [aGame('third')])).toBe(1000)
  })

  it('not for what changes nothing about them', () => {
    expect(afterMs('1.0.0', '1.0.0')).toBeUndefined()
    expect(afterMs('1.0.1', undefined)).toBeUndefined()
    expect(afterMs(undefined, '1.0.1')).toBeUndefined()
  })
})
