/** One thing that happened, for people to read; `kind` is for programs. */
export type Happening = { kind: HappeningKind; text: string }

export type HappeningKind =
  | 'arrival'
  | 'landing'
  | 'conquest'
  | 'bombing'
  | 'loss'
  | 'built'
  | 'diplomacy'
  | 'elimination'
  | 'finish'

/** Those who fought in a battle. `ships` is how many there were before it. */
export type BattleSide = { raceName: string; design: string; ships: number; lost: number }
export type Battle = { planet: number; sides: BattleSide[] }

/** What the turn brings, as it will be told to each race. */
export type Chronicle = {
  happenings: Map<string, Happening[]>
  battles: { battle: Battle; seenBy: ReadonlySet<string> }[]
  messages: { from: string; to: string; text: string }[]
  rejected: Map<string, RejectedOrder[]>
}

/** `index` is the order's place in what the race sent, counted from 0. */
export type RejectedOrder = { index: number; message: string }

export function newChronicle(): Chronicle {
  return { happenings: new Map(), battles: [], messages: [], rejected: new Map() }
}

export function tell(chronicle: Chronicle, raceName: string | null, kind: HappeningKind, text: string): void {
  if (raceName === null) return
  const known = chronicle.happenings.get(raceName)
  if (known) known.push({ kind, text })
  else chronicle.happenings.set(raceName, [{ kind, text }])
}
