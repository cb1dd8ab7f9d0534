/**
 * Where a gateway stands in the push stream of the api. Positions grow within an epoch, and mean nothing across epochs.
 * The epoch is in the database, so a cursor means the same on every replica and survives restarts of the api; an epoch
 * per process would cut every stream of every player with each of them. It changes only when the database is replaced.
 */
export type Cursor = { epoch: string; position: number }

export function cursorText({ epoch, position }: Cursor): string {
  return `${epoch}.${position}`
}

/** Undefined when it is none of ours. */
export function readCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = /^([0-9a-f-]{36})\.(0|[1-9][0-9]{0,14})$/.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch, position: Number(digits) }
}
