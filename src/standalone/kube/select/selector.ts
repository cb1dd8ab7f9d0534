/** Decides by names and their values: the labels of an object, or the fields that can be selected by. */
export type Selector = { matches: (values: Readonly<Record<string, string>>) => boolean }

/** A selector that cannot be read, or that asks for what cannot be selected by. */
export class SelectorError extends Error {
  override name = 'SelectorError'
}
