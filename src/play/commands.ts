import { accountCommands } from './account-commands.ts'
import type { PlayCommand } from './command.ts'
import { gameCommands } from './game-commands.ts'
import { orderCommands } from './order-commands.ts'

const help: PlayCommand = {
  name: 'help',
  usage: 'help [command]',
  summary: 'what there is',
  run: async (seat, { words: [name] }) => seat.print(helpText(name)),
}

const groups: readonly { title: string; commands: readonly PlayCommand[] }[] = [
  { title: 'Games and reports', commands: gameCommands },
  { title: 'Orders: they are collected in a draft, and sent with submit', commands: orderCommands },
  { title: 'You', commands: [...accountCommands, help] },
]

const otherNames: Readonly<Record<string, string>> = { '?': 'help', exit: 'quit' }

export function findCommand(name: string): PlayCommand | undefined {
  const wanted = Object.hasOwn(otherNames, name) ? otherNames[name] : name
  return groups.flatMap(({ commands }) => commands).find((command) => command.name === wanted)
}

/** The commands that begin like the line does. */
export function completions(line: string): string[] {
  return groups
    .flatMap(({ commands }) => commands)
    .filter(({ name }) => name.startsWith(line))
    .map(({ name }) => `${name} `)
}

/** All commands; with a name only that one. */
function helpText(name?: string): string {
  const one = name === undefined ? undefined : findCommand(name)
  if (one) return `${one.usage}\n  ${one.summary}`
  return groups
    .map(({ title, commands }) => {
      const lines = commands.map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
      return `${title}\n${lines.join('\n')}`
    })
    .join('\n\n')
}
