import semver from 'semver'
import { findNumbers, mayHaveLostDigits } from '../platform/exact-json.ts'
import { canonicalJson } from '../platform/json.ts'
import { isTrue } from '../platform/kubernetes/conditions.ts'
import { cronProblem } from './cron-problem.ts'
import type { GameSpec } from './game-spec.ts'
import type { GameStatus } from './game-status.ts'
import type { Rule } from './rules.ts'

export type GameContent = { spec: GameSpec; status: GameStatus }

const initialized =
  "has(oldSelf.status) && has(oldSelf.status.conditions) && oldSelf.status.conditions.exists(c, c.type == 'Initialized' && c.status == 'True')"

/** CEL for "this field has not changed", for an optional field at `path` whose every parent in `parents` is optional. */
function unchangedCel(path: string, parents: readonly string[] = []): string {
  const present = (self: string) => [...parents, path].map((field) => `has(${self}.spec.${field})`).join(' && ')
  return `!(${initialized}) || ((${present('self')}) == (${present('oldSelf')}) && (!(${present('self')}) || self.spec.${path} == oldSelf.spec.${path}))`
}

function immutable(path: string, read: (spec: GameSpec) => unknown, cel?: string): Rule<GameContent> {
  return {
    message: 'cannot be changed once the engine is initialised',
    ...(cel ? { cel: { at: '', rule: cel, fieldPath: `.spec.${path}` } } : {}),
    violations: ({ spec }, old) =>
      old && isTrue(old.status.conditions ?? [], 'Initialized') && !same(read(spec), read(old.spec))
        ? [{ field: `spec.${path}`, value: read(spec) }]
        : [],
  }
}

export const gameRules: readonly Rule<GameContent>[] = [
  {
    message: 'exactly one of engine.version and engine.image must be set',
    cel: { at: 'spec.engine', rule: 'has(self.version) != has(self.image)' },
    violations: ({ spec: { engine } }) =>
      (engine.version === undefined) === (engine.image === undefined) ? [{ field: 'spec.engine', value: engine }] : [],
  },
  {
    message: 'must be a semantic version range such as ~1.0 or 1.0.3',
    violations: ({ spec: { engine } }) =>
      engine.version !== undefined && semver.validRange(engine.version) === null
        ? [{ field: 'spec.engine.version', value: engine.version }]
        : [],
  },
  {
    message: 'must not be greater than maxPlayers',
    cel: { at: 'spec.enrollment', rule: 'self.minPlayers <= self.maxPlayers', fieldPath: '.minPlayers' },
    violations: ({ spec: { enrollment } }) =>
      enrollment && enrollment.minPlayers > enrollment.maxPlayers
        ? [{ field: 'spec.enrollment.minPlayers', value: enrollment.minPlayers }]
        : [],
  },
  {
    message: 'two players have the same race name',
    cel: {
      at: 'spec',
      rule: '!has(self.players) || self.players.all(p, self.players.exists_one(q, q.raceName == p.raceName))',
      fieldPath: '.players',
    },
    violations: ({ spec: { players = [] } }) =>
      players.flatMap(({ raceName }, index) =>
        players.findIndex((other) => other.raceName === raceName) < index
          ? [{ field: `spec.players[${index}].raceName`, value: raceName }]
          : [],
      ),
  },
  {
    message: 'must be a cron expression with five or six fields that some moment matches',
    violations: ({ spec: { turns } }) => {
      const details = turns?.schedule === undefined ? undefined : problemOfSchedule(turns.schedule)
      return details === undefined ? [] : [{ field: 'spec.turns.schedule', value: turns?.schedule, details }]
    },
  },
  {
    message: 'must be an IANA time zone such as Europe/Berlin',
    violations: ({ spec: { turns } }) =>
      turns && !isTimeZone(turns.timeZone) ? [{ field: 'spec.turns.timeZone', value: turns.timeZone }] : [],
  },
  immutable('players', (spec) => spec.players ?? [], unchangedCel('players')),
  {
    message: 'is beyond 64 bits, and may have lost digits on its way here; write it as a text to keep all of them',
    // What was let in before this was checked goes on: the engine has it already.
    violations: ({ spec, status }) =>
      isTrue(status.conditions ?? [], 'Initialized')
        ? []
        : findNumbers(
            spec.settings,
            (value) => typeof value === 'number' && mayHaveLostDigits(value),
            'spec.settings',
          ).map(({ path, value }) => ({ field: path, value })),
  },
  // CEL cannot see inside a field whose unknown members are preserved, so settings have no expression.
  immutable('settings', (spec) => spec.settings ?? {}),
  immutable(
    'storage.storageClassName',
    (spec) => spec.storage?.storageClassName,
    unchangedCel('storage.storageClassName', ['storage']),
  ),
]

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null)
}

/** Five or six fields, and a next run exists: `0 0 31 2 *` never comes, so it is refused too. */
const problemOfSchedule = remembered(cronProblem)

const isTimeZone = remembered((name) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
})

/** Both questions take longer than all other checks of a Game together, and thousands of games share a few answers. */
function remembered<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, { answer: Answer }>()
  return (text) => {
    const known = answers.get(text)
    if (known) return known.answer
    const answer = ask(text)
    if (answers.size >= 1000) answers.clear()
    answers.set(text, { answer })
    return answer
  }
}
