import { z } from 'zod'
import { StartupError } from './errors.ts'
import { isServiceLink, misnamedSettings, type SettingNames } from './setting-names.ts'

/** The environment a process was given; the only reader of `process.env` is `src/main.ts`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a process's settings. White space around a value does not count, and an empty value counts as unset. With a
 * `prefix`, names that begin with it and are no settings are wrong, too.
 * @throws StartupError with one line for each wrong setting, naming it
 */
export function readSettings<T extends z.ZodObject>(
  schema: T,
  environment: Environment,
  names?: Omit<SettingNames, 'known'>,
): z.output<T> {
  const known = Object.keys(schema.shape)
  const given = known.flatMap((name) => {
    const value = environment[name]?.trim()
    // The Service `galaxy-engine` makes Kubernetes set GALAXY_ENGINE_PORT.
    return value && !isServiceLink(name, value) ? [[name, value]] : []
  })
  const misnamed = names ? misnamedSettings(environment, { ...names, known }) : []
  const parsed = schema.safeParse(Object.fromEntries(given))
  if (parsed.success && misnamed.length === 0) return parsed.data
  const wrong = (parsed.error?.issues ?? []).map(({ path, message }) => `setting ${path.join('.')}: ${message}`)
  throw new StartupError([...wrong, ...misnamed].join('\n'))
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const durationPattern = /^([0-9]+(ms|s|m|h))+$/

/** Milliseconds of a duration written `30s`, `5m`, `1h30m`, `250ms`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined
  return [...text.matchAll(/([0-9]+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN),
    0,
  )
}

/** A duration setting, in milliseconds. */
export function duration({ min = '0s', max = '8760h' }: { min?: string; max?: string } = {}) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text)
    if (ms === undefined) {
      context.addIssue(`must be a duration such as 30s, 5m or 1h30m, but is "${text}"`)
      return z.NEVER
    }
    if (ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? Number.MAX_SAFE_INTEGER)) {
      context.addIssue(`must lie between ${min} and ${max}, but is "${text}"`)
      return z.NEVER
    }
    return ms
  })
}

/** A whole-number setting. */
export function wholeNumber(min: number, max: number) {
  return z.string().transform((text, context) => {
    const value = Number(text)
    if (/^-?[0-9]+$/.test(text) && value >= min && value <= max) return value
    context.addIssue(`must be a whole number from ${min} to ${max}, but is "${text}"`)
    return z.NEVER
  })
}

export type ListenAddress = { host: string; port: number }

/** A listen address: `:8083` (all interfaces), `127.0.0.1:8083`, `[::1]:8083`; port 0 takes a free one. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]*)):([0-9]{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) {
    context.addIssue(`must be an address such as :8083 or 127.0.0.1:8083, but is "${text}"`)
    return z.NEVER
  }
  return { host: bracketed ?? (plain || '::'), port }
})

/** A yes-or-no setting. */
export const toggle = z.string().transform((text, context) => {
  if (text === 'true' || text === 'false') return text === 'true'
  context.addIssue(`must be true or false, but is "${text}"`)
  return z.NEVER
})

/** What devices sign for: the name of a deployment. The gateway and the backend must have the same one. */
export const audience = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters')
  .prefault('galaxy')
