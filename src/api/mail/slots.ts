/** An attempt in progress, as far as it takes up room. */
export type Slot = {
  domain: string
  /** Mail has been sent to the domain before. */
  domainKnown: boolean
  /** Who caused the mail; null when nobody knows. */
  source: string | null
  /** An earlier attempt at the same mail had no answer in all the time that an attempt has. */
  stalled: boolean
  /** Attempts at the same mail that failed: each gives the next one twice the time. */
  failures: number
  startedAtMs: number
  /** Ends the attempt early. */
  giveWay: () => void
}

/** What may be begun now. */
export type Openings = {
  known: boolean
  unknown: boolean
  stalled: boolean
  /** To these nothing may be begun, or nothing that has stalled before. */
  fullDomains: readonly string[]
  fullSources: readonly string[]
  stalledDomains: readonly string[]
}

export type SlotLimits = {
  connections: number
  /** At once to one domain, and at once of one source. */
  perDomain: number
  giveWayAfterMs: number
}

/** An attempt gives way after so many times as long as the slowest of the latest successes took, if that is sooner. */
const slowFactor = 5
/** But not sooner than after this part of the whole wait. */
const shortestPart = 1 / 3
const latest = 20

export type Slots = ReturnType<typeof createSlots>

/**
 * The attempts in progress of one lane. A quarter of the connections is kept for domains that mail has been sent to
 * before, so that addresses made up for the purpose do not take them all; a quarter at most is for mail that has stalled,
 * one a domain. Neither one domain nor one source has more than its share. An attempt without an answer gives way after a
 * while, but only to mail that waits, and never once it has stalled: then it has all the time it needs. So mail to one
 * person waits for a short while at most, whoever does not answer.
 */
export function createSlots({ connections, perDomain, giveWayAfterMs }: SlotLimits) {
  const quarter = Math.floor(connections / 4)
  const limits = { all: connections, unknown: connections - quarter, stalled: Math.max(1, quarter) }
  const taken = new Set<Slot>()
  const isUnknown = ({ domainKnown, stalled }: Slot) => !domainKnown || stalled
  const among = (matches: (slot: Slot) => boolean) => [...taken].filter(matches)
  const to = (domain: string) => (slot: Slot) => slot.domain === domain
  const of = (source: string | null) => (slot: Slot) => source !== null && slot.source === source
  const all = () => true
  const successesMs: number[] = []

  function mayGiveWay(slot: Slot, nowMs: number): boolean {
    return !slot.stalled && nowMs - slot.startedAtMs >= patienceMs() * 2 ** slot.failures
  }

  /** Where mail goes out quickly, what does not is slow sooner. */
  function patienceMs(): number {
    if (successesMs.length === 0) return giveWayAfterMs
    return Math.min(giveWayAfterMs, Math.max(shortestPart * giveWayAfterMs, slowFactor * Math.max(...successesMs)))
  }

  return {
    isIdle: () => taken.size === 0,
    size: () => taken.size,

    openings(nowMs: number): Openings {
      const hasRoom = (max: number, matches: (slot: Slot) => boolean) => {
        const inside = among(matches)
        return inside.length < max || inside.some((slot) => mayGiveWay(slot, nowMs))
      }
      const domains = [...new Set(among(all).map(({ domain }) => domain))]
      const sources = [...new Set(among(all).flatMap(({ source }) => source ?? []))]
      const known = hasRoom(limits.all, all)
      const unknown = known && hasRoom(limits.unknown, isUnknown)
      return {
        known,
        unknown,
        // Nothing gives way to what may not be answered again.
        stalled:
          taken.size < limits.all &&
          among(isUnknown).length < limits.unknown &&
          among(({ stalled }) => stalled).length < limits.stalled,
        fullDomains: domains.filter((domain) => !hasRoom(perDomain, to(domain))),
        fullSources: sources.filter((source) => !hasRoom(perDomain, of(source))),
        stalledDomains: domains.filter(
          (domain) => among(to(domain)).length >= perDomain || among(to(domain)).some(({ stalled }) => stalled),
        ),
      }
    },

    /** Takes up room; where there is none left, the attempts that have waited longest give way. */
    take(slot: Slot, nowMs: number): void {
      taken.add(slot)
      makeRoom(perDomain, to(slot.domain), nowMs)
      makeRoom(perDomain, of(slot.source), nowMs)
      if (isUnknown(slot)) makeRoom(limits.unknown, isUnknown, nowMs)
      makeRoom(limits.all, all, nowMs)
    },

    /** The attempt is over. */
    leave(slot: Slot, { succeeded, nowMs }: { succeeded: boolean; nowMs: number }): void {
      taken.delete(slot)
      if (!succeeded) return
      successesMs.push(nowMs - slot.startedAtMs)
      if (successesMs.length > latest) successesMs.shift()
    },
  }

  function makeRoom(max: number, matches: (slot: Slot) => boolean, nowMs: number): void {
    const inside = among(matches)
    if (inside.length <= max) return
    const longest = inside
      .filter((slot) => mayGiveWay(slot, nowMs))
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
      .at(0)
    if (!longest) return
    taken.delete(longest)
    longest.giveWay()
  }
}
