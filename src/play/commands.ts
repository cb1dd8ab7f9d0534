import { accountCommands } from './account-commands.ts'
import type { PlayCommand } from './command.ts'
import { gameCommands } from './game-commands.ts'
import { draftCommands, verbCommand } from './order-commands.ts'
import { describedVerbs } from './order-schema.ts'
import { orderVerbs } from './order-verbs.ts'
import { referenceCommands } from './reference-commands.ts'
import type { Rules } from './rules.ts'
import { clipped, oneLine } from './text.ts'

const help: PlayCommand = {
  name: 'help',
  usage: 'help [command]',
  summary: 'what there is',
  run: async (seat, { words: [name] }) => {
    const rules = await seat.open?.rules()
    seat.print(helpText(rules, { name, isOpen: seat.open !== undefined }))
  },
}

type CommandGroup = { title: string; commands: readonly PlayCommand[] }

/** The commands for a game of these rules; undefined: no game is open, or its rules are not known yet. */
function groupsFor(rules: Rules | undefined): readonly CommandGroup[] {
  const games = rules?.kind === 'reference' ? [...gameCommands, ...referenceCommands] : gameCommands
  const you = [...accountCommands, help]
  const taken = new Set([...games, ...draftCommands, ...you].map(({ name }) => name))
  const verbs = verbsFor(rules).map((verb) => asTyped(verbCommand(verb), taken))
  return [
    { title: 'Games and reports', commands: games },
    { title: orderTitle(rules), commands: [...verbs, ...draftCommands] },
    { title: 'You', commands: you },
  ]
}

/** A verb that is called like one of our commands is typed after `order`. */
function asTyped(command: PlayCommand, taken: ReadonlySet<string>): PlayCommand {
  const { name, usage } = command
  return taken.has(name.toLowerCase()) ? { ...command, name: `order ${name}`, usage: `order ${usage}` } : command
}

function verbsFor(rules: Rules | undefined) {
  switch (rules?.kind) {
    case 'reference':
      return orderVerbs
    case 'described':
      return describedVerbs(rules.description)
    case 'unknown':
    case undefined:
      return []
  }
}

function orderTitle(rules: Rules | undefined): string {
  const game = rules?.kind === 'described' ? ` of ${oneLine(rules.description.name)}` : ''
  return `Orders${game}: they are collected in a draft, and sent with submit`
}

const otherNames: Readonly<Record<string, string>> = { '?': 'help', exit: 'quit' }

export function findCommand(name: string, rules: Rules | undefined): PlayCommand | undefined {
  const wanted = Object.hasOwn(otherNames, name) ? otherNames[name] : name
  const all = groupsFor(rules).flatMap(({ commands }) => commands)
  // Verbs of other games need not be in lower case, as what is typed is.
  return all.find((command) => command.name === wanted) ?? all.find((command) => command.name.toLowerCase() === wanted)
}

/** The commands that begin like the line does. */
export function completions(line: string, rules: Rules | undefined): string[] {
  return groupsFor(rules)
    .flatMap(({ commands }) => commands)
    .filter(({ name }) => name.startsWith(line))
    .map(({ name }) => `${name} `)
}

/** All commands; with a name only that one. */
function helpText(rules: Rules | undefined, { name, isOpen }: { name: string | undefined; isOpen: boolean }): string {
  const one = name === undefined ? undefined : findCommand(name.toLowerCase(), rules)
  if (one) return `${one.usage}\n  ${one.summary}`
  const groups = groupsFor(rules).map(({ title, commands }) => {
    const lines = commands.map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
    return `${title}\n${lines.join('\n')}`
  })
  return [...groups, ...described(rules, isOpen)].join('\n\n')
}

/** What is said about orders that have no command. */
function described(rules: Rules | undefined, isOpen: boolean): string[] {
  if (!isOpen) return ["Each game has orders of its own: 'open' one, and 'help' lists them."]
  if (rules === undefined) return ["The game's engine does not answer now: 'help' lists its orders once it does."]
  if (rules.kind === 'unknown') {
    return ["This game's engine does not describe its orders: 'order <JSON>' takes any."]
  }
  if (rules.kind === 'reference') return []
  const typed = new Set(describedVerbs(rules.description).map((verb) => verb.name))
  const untyped = rules.description.help.filter(({ verb }) => !typed.has(verb))
  if (untyped.length === 0) return []
  const lines = untyped.map(({ verb, text }) => `  ${oneLine(verb)}\n      ${clipped(oneLine(text), 2000)}`)
  return [`Orders that are typed as JSON\n${lines.join('\n')}`]
}
