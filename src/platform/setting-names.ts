/** Which names of an environment one process, or one command, answers for. */
export type SettingNames = {
  /** With its underscore: `CONTROLLER_`. */
  prefix: string
  known: readonly string[]
  /** Names of other things with the prefix. */
  others?: RegExp
  /** Refuses only what looks like a known name: for a process whose settings come from a newer or older one. */
  onlyMisspelt?: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Says what is wrong with the names of the settings in the environment, one line for each: a name with the prefix that is
 * no setting, or a setting's name in another case. Variables without a value, and those that Kubernetes makes of Services,
 * are passed over.
 */
export function misnamedSettings(
  environment: Environment,
  { prefix, known, others, onlyMisspelt = false }: SettingNames,
): string[] {
  const names = new Set(known)
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (names.has(name) || value.trim() === '' || isServiceLink(name, value) || others?.test(name)) return []
    if (names.has(name.toUpperCase())) return [`setting ${name}: is written ${name.toUpperCase()}`]
    const isOurs = name.startsWith(prefix)
    // The prefix may be misspelt: then all else must be right, since the name may well be another program's.
    const near = isOurs ? nearest(name, prefix, known) : known.find((each) => editDistance(name, each) <= 2)
    if (near !== undefined) return [`setting ${printable(name)}: there is no such setting; is ${near} meant?`]
    return !isOurs || onlyMisspelt
      ? []
      : [`setting ${printable(name)}: there is no such setting; docs/settings.md lists them all`]
  })
}

const protocol = '(?:tcp|udp|sctp)'
const [address, number, url] = [/^[0-9a-f.:]+$/i, /^[0-9]{1,5}$/, new RegExp(`^${protocol}://\\S+:[0-9]+$`)]

/** https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables */
const serviceLinks: readonly (readonly [RegExp, RegExp])[] = [
  [/_SERVICE_HOST$/, address],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, number],
  [/_PORT(_[0-9]+_(TCP|UDP|SCTP))?$/, url],
  [/_PORT_[0-9]+_(TCP|UDP|SCTP)_PROTO$/, new RegExp(`^${protocol}$`)],
  [/_PORT_[0-9]+_(TCP|UDP|SCTP)_PORT$/, number],
  [/_PORT_[0-9]+_(TCP|UDP|SCTP)_ADDR$/, address],
]

/** Whether Kubernetes has put the variable into a Pod because of a Service, which may be called as a process is. */
export function isServiceLink(name: string, value: string): boolean {
  return serviceLinks.some(([names, values]) => names.test(name) && values.test(value))
}

/** The known name that is most like the given one; undefined when none is much like it. */
function nearest(name: string, prefix: string, known: readonly string[]): string | undefined {
  const rest = (text: string) => text.slice(prefix.length)
  const [best] = known
    .filter((each) => each.startsWith(prefix))
    .map((each) => ({ each, distance: editDistance(rest(name), rest(each)) }))
    .filter(({ each, distance }) => distance <= Math.max(2, Math.floor(rest(each).length / 4)))
    .toSorted((a, b) => a.distance - b.distance)
  return best?.each
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  // Nothing is like a name of any length.
  if (Math.abs(a.length - b.length) > 20) return Math.max(a.length, b.length)
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const steps = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)]
      if (isSwapped) steps.push((before[j - 2] ?? 0) + 1)
      next.push(Math.min(...steps))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

function printable(name: string): string {
  return name.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 100)
}
