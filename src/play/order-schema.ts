import { z } from 'zod'
import type { GameDescription } from '../messages/index.ts'
import { Mistake } from './mistake.ts'
import { resolveName } from './names.ts'
import type { Order, OrderVerb } from './order-verbs.ts'
import { oneLine } from './text.ts'
import { quoted } from './words.ts'

/** As much of JSON Schema as is needed to type an order in words; the engine checks the rest. */
const Schema = z.looseObject({
  $ref: z.string().optional(),
  oneOf: z.array(z.unknown()).optional().catch(undefined),
  anyOf: z.array(z.unknown()).optional().catch(undefined),
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
  required: z.array(z.string()).optional().catch(undefined),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional().catch(undefined),
  type: z.unknown().optional(),
})
type Schema = z.infer<typeof Schema>

type Property = { name: string; schema: Schema; required: boolean }

/** One form of order: what its verb stands for, and what else can be typed, in the order of the schema. */
type Form = { fixed: Order; properties: readonly Property[] }

/** References may lead in circles. */
const mostReferences = 8

/**
 * The orders of a described game as commands: the verb, then the members of the order as they stand in its schema, each
 * as a word or as `name=value`. A verb whose form the schema does not show is left out: `order <JSON>` takes it.
 */
export function describedVerbs({ orders, help }: GameDescription): OrderVerb[] {
  const forms = formsOf(orders)
  return help.flatMap(({ verb, text }) => {
    const form = formOf(forms, verb, help.length)
    return form ? [orderVerb(verb, text, form)] : []
  })
}

function orderVerb(verb: string, text: string, form: Form): OrderVerb {
  const usage = [verb, ...form.properties.map(usageOf)].map(oneLine).join(' ')
  return {
    name: verb,
    usage,
    summary: oneLine(text),
    example: undefined,
    read: (words, { races }) => readForm(form, words, races),
  }
}

/** An order of a described game as one would type it; undefined when no verb makes it. */
export function describeByForm({ orders, help }: GameDescription, order: Order): string | undefined {
  const forms = formsOf(orders)
  for (const { verb } of help) {
    const form = formOf(forms, verb, help.length)
    if (!form || !matches(form, order)) continue
    const words = form.properties.flatMap(({ name }) => {
      const value = order[name]
      return value === undefined ? [] : [quoted(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)]
    })
    return [verb, ...words].join(' ')
  }
  return undefined
}

function matches({ fixed, properties }: Form, order: Order): boolean {
  const names = new Set(properties.map(({ name }) => name))
  return (
    Object.entries(fixed).every(([name, value]) => order[name] === value) &&
    Object.entries(order).every(([name, value]) => Object.hasOwn(fixed, name) || (names.has(name) && isTypable(value)))
  )
}

function isTypable(value: unknown): boolean {
  return typeof value === 'string' ? !value.includes('"') : value === null || typeof value !== 'object'
}

function formsOf(orders: unknown): { root: unknown; schemas: readonly Schema[] } {
  const root = resolved(orders, orders)
  const variants = root?.oneOf ?? root?.anyOf
  const schemas = variants ? variants.map((variant) => withShared(root, resolved(variant, orders))) : [root]
  return { root: orders, schemas: schemas.filter((schema) => schema !== undefined) }
}

/** What stands beside the variants holds for each of them. */
function withShared(shared: Schema | undefined, variant: Schema | undefined): Schema | undefined {
  if (!variant) return undefined
  const properties = { ...shared?.properties, ...variant.properties }
  return { ...variant, properties, required: [...(shared?.required ?? []), ...(variant.required ?? [])] }
}

/** The form that a verb stands for: the one that names it, else the only one of a game with one verb. */
function formOf({ root, schemas }: ReturnType<typeof formsOf>, verb: string, verbs: number): Form | undefined {
  for (const schema of schemas) {
    const properties = propertiesOf(schema, root)
    const named = properties.find(
      ({ schema: { const: fixed, enum: values } }) => fixed === verb || values?.includes(verb),
    )
    if (named) return formWith(properties, { [named.name]: verb })
  }
  const [only, ...others] = schemas
  return only && others.length === 0 && verbs === 1 ? formWith(propertiesOf(only, root), {}) : undefined
}

function formWith(properties: readonly Property[], verb: Order): Form {
  const constants = properties.filter(({ schema }) => schema.const !== undefined)
  const fixed = { ...Object.fromEntries(constants.map(({ name, schema }) => [name, schema.const])), ...verb }
  return { fixed, properties: properties.filter(({ name }) => !Object.hasOwn(fixed, name)) }
}

function propertiesOf({ properties = {}, required = [] }: Schema, root: unknown): Property[] {
  return Object.entries(properties).flatMap(([name, given]) => {
    const schema = resolved(given, root)
    return schema ? [{ name, schema, required: required.includes(name) }] : []
  })
}

/** Follows references within the schema. */
function resolved(given: unknown, root: unknown): Schema | undefined {
  let schema = Schema.safeParse(given).data
  for (let followed = 0; schema?.$ref !== undefined; followed += 1) {
    if (followed === mostReferences || !schema.$ref.startsWith('#')) return undefined
    schema = Schema.safeParse(atPointer(root, schema.$ref.slice(1))).data
  }
  return schema
}

function atPointer(root: unknown, pointer: string): unknown {
  let found: unknown = root
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const parent = z.record(z.string(), z.unknown()).safeParse(found).data
    found = parent && Object.hasOwn(parent, name) ? parent[name] : undefined
  }
  return found
}

function usageOf({ name, schema, required }: Property): string {
  const values = schema.enum?.filter((value) => typeof value === 'string')
  const shown = values && values.length > 0 && values.length <= 6 ? `${name}: ${values.join(' | ')}` : name
  return required ? `<${shown}>` : `[${shown}]`
}

/** Undefined when something is missing, or too much. */
function readForm({ fixed, properties }: Form, words: readonly string[], races: readonly string[]): Order | undefined {
  const order: Order = { ...fixed }
  const positional: string[] = []
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=\s]+)=(.*)$/s.exec(word) ?? []
    const property = properties.find((each) => each.name === name)
    if (property) order[name] = valueOf(property, value, races)
    else positional.push(word)
  }
  const open = properties.filter(({ name }) => !Object.hasOwn(order, name))
  const last = open.at(-1)
  // The last text takes the rest of the line, as in a message.
  const given = last && isText(last) && positional.length > open.length ? withRest(positional, open.length) : positional
  if (given.length > open.length) return undefined
  for (const [index, word] of given.entries()) {
    const property = open[index]
    if (property) order[property.name] = valueOf(property, word, races)
  }
  return properties.every(({ name, required }) => !required || Object.hasOwn(order, name)) ? order : undefined
}

function withRest(words: readonly string[], places: number): string[] {
  return [...words.slice(0, places - 1), words.slice(places - 1).join(' ')]
}

const takesRace = new Set(['raceName', 'race', 'race_name'])

/** @throws Mistake that names the member and what it can be */
function valueOf(property: Property, word: string, races: readonly string[]): unknown {
  const { name, schema } = property
  const options = schema.enum?.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  if (options) {
    const chosen = resolveName(word, options, name)
    return schema.enum?.[options.indexOf(chosen)]
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  if (types.includes('integer') || types.includes('number')) return numberOf(name, word, !types.includes('number'))
  if (types.includes('boolean')) return truthOf(name, word)
  if (types.includes('string')) return takesRace.has(name) && races.length > 0 ? resolveName(word, races) : word
  return jsonOf(name, word)
}

function isText({ schema }: Property): boolean {
  return schema.type === 'string' && schema.enum === undefined
}

/** A number that would not be kept exactly is refused: another one would be ordered. */
function numberOf(name: string, word: string, whole: boolean): number {
  const value = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(word) ? Number(word) : Number.NaN
  const isExact = word.includes('.') ? word.replace('.', '').length <= 16 : Number.isSafeInteger(value)
  if (Number.isNaN(value) || !isExact || (whole && !Number.isInteger(value))) {
    throw new Mistake(`${name} must be a ${whole ? 'whole ' : ''}number, not '${word}'`)
  }
  return value
}

function truthOf(name: string, word: string): boolean {
  if (/^(true|yes)$/i.test(word)) return true
  if (/^(false|no)$/i.test(word)) return false
  throw new Mistake(`${name} must be yes or no, not '${word}'`)
}

/** What is neither text nor number is typed as JSON; anything that is none is text. */
function jsonOf(name: string, word: string): unknown {
  try {
    return JSON.parse(word)
  } catch {
    if (/^[[{]/.test(word)) throw new Mistake(`${name} is no JSON: ${word}`)
    return word
  }
}
