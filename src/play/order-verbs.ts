import { joinName, resolveName } from './names.ts'
import { amountOf, wholeNumber } from './words.ts'

/** An order as the engine takes it. */
export type Order = Record<string, unknown>

export type OrderVerb = {
  name: string
  usage: string
  summary: string
  example: string | undefined
  /**
   * Undefined when the words do not fit the usage.
   * @throws Mistake when a word means nothing there
   */
  read: (words: readonly string[], names: KnownNames) => Order | undefined
}

/** Names that can be typed in other case, or by their beginning. */
export type KnownNames = { races: readonly string[] }

const technologies: ReadonlySet<string> = new Set(['drive', 'weapons', 'shields', 'cargo'])

/** The orders of the reference engine, in the short form in which people type them. */
export const orderVerbs: readonly OrderVerb[] = [
  {
    name: 'produce',
    usage: 'produce <planet> industry | colonists | research <technology> | ship <design>',
    summary: 'what a planet makes; technologies are drive, weapons, shields and cargo',
    example: 'produce 1 ship Hauler',
    read: readProduce,
  },
  {
    name: 'design',
    usage: 'design <name> <drive> <attack> <weapons> <shields> <cargo>',
    summary: 'a new type of ship; each part is 0 or at least 1',
    example: 'design Cruiser 20 10 3 15 0',
    read: readDesign,
  },
  {
    name: 'load',
    usage: 'load <group> colonists | capital [amount]',
    summary: 'take cargo from the planet; without an amount as much as there is room for',
    example: 'load 2 colonists 7.5',
    read: readLoad,
  },
  {
    name: 'send',
    usage: 'send <group> <planet> [ships] [unload]',
    summary: 'fly; without a number all ships; "unload" puts the cargo down on arrival',
    example: 'send 2 5 1 unload',
    read: readSend,
  },
  {
    name: 'unload',
    usage: 'unload <group>',
    summary: 'put the cargo down where the group is',
    example: 'unload 2',
    read: ([group, ...more]) => onlyGroup('unload', group, more),
  },
  {
    name: 'scrap',
    usage: 'scrap <group> [ships]',
    summary: 'break ships up',
    example: 'scrap 1 1',
    read: readScrap,
  },
  {
    name: 'stance',
    usage: 'stance <race> war | peace',
    summary: 'how you meet another race',
    example: 'stance Vegans peace',
    read: (words, { races }) => {
      const [race, word, ...more] = joinName(words, races)
      const stance = word?.toLowerCase()
      if (!race || (stance !== 'war' && stance !== 'peace') || more.length > 0) return undefined
      return { type: 'stance', raceName: resolveName(race, races), stance }
    },
  },
  {
    name: 'rename',
    usage: 'rename <planet> <name>',
    summary: 'give a planet of yours another name',
    example: 'rename 1 New Terra',
    read: ([planet, ...name]) => {
      const id = wholeNumber(planet)
      return id && name.length > 0 ? { type: 'rename', planet: id, name: name.join(' ') } : undefined
    },
  },
  {
    name: 'message',
    usage: 'message <race> <text>',
    summary: 'write to another race',
    example: 'message Vegans Peace?',
    read: (words, { races }) => {
      const [race, ...text] = joinName(words, races)
      if (!race || text.length === 0) return undefined
      return { type: 'message', raceName: resolveName(race, races), text: text.join(' ') }
    },
  },
]

export function orderVerb(name: string): OrderVerb | undefined {
  return orderVerbs.find((verb) => verb.name === name)
}

function readProduce([planet, make, what, ...more]: readonly string[]): Order | undefined {
  const id = wholeNumber(planet)
  const production = productionOf(make, what)
  return id && production && more.length === 0 ? { type: 'produce', planet: id, production } : undefined
}

function productionOf(word: string | undefined, what: string | undefined): Order | undefined {
  const make = word?.toLowerCase()
  const technology = what?.toLowerCase() ?? ''
  if ((make === 'industry' || make === 'colonists') && what === undefined) return { make }
  if (make === 'research' && technologies.has(technology)) return { make, technology }
  return make === 'ship' && what ? { make, design: what } : undefined
}

function readDesign([name, ...parts]: readonly string[]): Order | undefined {
  const [drive, attack, weapons, shields, cargo] = parts.map(amountOf)
  const numbers = { drive, attack, weapons, shields, cargo }
  const complete = parts.length === 5 && Object.values(numbers).every((part) => part !== undefined)
  return name && complete ? { type: 'design', name, ...numbers } : undefined
}

function readLoad([group, kind, amount, ...more]: readonly string[]): Order | undefined {
  const id = wholeNumber(group)
  const cargo = kind?.toLowerCase()
  if (!id || more.length > 0 || (cargo !== 'colonists' && cargo !== 'capital')) return undefined
  if (amount === undefined) return { type: 'load', group: id, cargo }
  const units = amountOf(amount)
  return units ? { type: 'load', group: id, cargo, amount: units } : undefined
}

function readSend([group, to, ...more]: readonly string[]): Order | undefined {
  const id = wholeNumber(group)
  const planet = wholeNumber(to)
  const unload = more.at(-1)?.toLowerCase() === 'unload'
  const [ships, ...rest] = unload ? more.slice(0, -1) : more
  const count = wholeNumber(ships)
  if (!id || !planet || rest.length > 0 || (ships !== undefined && !count)) return undefined
  return { type: 'send', group: id, to: planet, ...(count ? { ships: count } : {}), ...(unload ? { unload } : {}) }
}

function readScrap([group, ships, ...more]: readonly string[]): Order | undefined {
  if (ships === undefined) return onlyGroup('scrap', group, more)
  const id = wholeNumber(group)
  const count = wholeNumber(ships)
  return id && count && more.length === 0 ? { type: 'scrap', group: id, ships: count } : undefined
}

function onlyGroup(type: string, group: string | undefined, more: readonly string[]): Order | undefined {
  const id = wholeNumber(group)
  return id && more.length === 0 ? { type, group: id } : undefined
}
