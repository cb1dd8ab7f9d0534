export { parseFieldSelector } from './field-selector.ts'
export { parseLabelSelector } from './label-selector.ts'
export { type Selector, SelectorError } from './selector.ts'
