/** An attempt in progress, as far as it takes up room. */
export type Slot = {
  domain: string
  /** Mail has been sent to the domain before. */
  domainKnown: boolean
  /** An earlier attempt at the same mail had no answer in time. */
  stalled: boolean
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
  stalledDomains: readonly string[]
}

export type SlotLimits = { connections: number; perDomain: number; giveWayAfterMs: number }

export type Slots = ReturnType<typeof createSlots>

/**
 * The attempts in progress of one lane. A quarter of the connections is kept for domains that mail has been sent to
 * before, so that addresses made up for the purpose do not take them all; a quarter at most is for mail that has stalled,
 * one a domain. A first attempt without an answer gives way after a while, but only to mail that waits: a second attempt
 * has all the time it needs. So mail to one person waits for a short while at most, whoever does not answer.
 */
export function createSlots({ connections, perDomain, giveWayAfterMs }: SlotLimits) {
  const quarter = Math.floor(connections / 4)
  const limits = { all: connections, unknown: connections - quarter, stalled: Math.max(1, quarter) }
  const taken = new Set<Slot>()
  const isUnknown = ({ domainKnown, stalled }: Slot) => !domainKnown || stalled
  const among = (matches: (slot: Slot) => boolean) => [...taken].filter(matches)
  const to = (domain: string) => (slot: Slot) => slot.domain === domain
  const all = () => true

  function mayGiveWay(slot: Slot, nowMs: number): boolean {
    return !slot.stalled && nowMs - slot.startedAtMs >= giveWayAfterMs
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
        stalledDomains: domains.filter(
          (domain) => among(to(domain)).length >= perDomain || among(to(domain)).some(({ stalled }) => stalled),
        ),
      }
    },

    /** Takes up room; where there is none left, the attempts that have waited longest give way. */
    take(slot: Slot, nowMs: number): void {
      taken.add(slot)
      makeRoom(perDomain, to(slot.domain), nowMs)
      if (isUnknown(slot)) makeRoom(limits.unknown, isUnknown, nowMs)
      makeRoom(limits.all, all, nowMs)
    },

    leave(slot: Slot): void {
      taken.delete(slot)
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
