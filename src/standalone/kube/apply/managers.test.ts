import { expect, it } from 'vitest'
import { isReset } from './managers.ts'

it.each<[string, unknown, boolean]>([
  ['an empty list', [], true],
  ['one empty entry', [{}], true],
  ['two empty entries', [{}, {}], false],
  ['an entry', [{ manager: 'a' }], false],
  ['no list', undefined, false],
  ['null', null, false],
])('knows whether %s (%j) empties the list: %s', (_what, managedFields, resets) => {
  expect(isReset({ metadata: { managedFields } })).toBe(resets)
})
