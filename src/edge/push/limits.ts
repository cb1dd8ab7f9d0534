export type HubLimits = {
  /** A stream whose client has this much to read is cut. */
  queueEvents: number
  queueBytes: number
  streamsPerSession: number
  streamsPerUser: number
  /** How much is kept for clients that come back. */
  heldEvents: number
  heldBytes: number
  /** A stream that has been silent for this long is told the time. */
  keepAliveMs: number
  /** A stream ends at this age, or up to a tenth earlier, so that streams that began together end apart. */
  maxAgeMs: number
  /** How often a stream asks whether its session is still there. */
  recheckMs: number
}

export const defaultHubLimits: HubLimits = {
  queueEvents: 256,
  queueBytes: 1024 * 1024,
  streamsPerSession: 3,
  streamsPerUser: 10,
  heldEvents: 4096,
  heldBytes: 8 * 1024 * 1024,
  keepAliveMs: 30_000,
  maxAgeMs: 6 * 3_600_000,
  recheckMs: 5 * 60_000,
}
