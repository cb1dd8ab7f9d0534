/** Where the push stream of the api stands: positions grow within an epoch, and mean nothing across epochs. */
export type Cursor = { epoch: string; position: number }

/** Undefined when it is no cursor of an api. */
export function readCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = /^([0-9a-f-]{36})\.(0|[1-9][0-9]{0,14})$/.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch, position: Number(digits) }
}

export function cursorText({ epoch, position }: Cursor): string {
  return `${epoch}.${position}`
}
