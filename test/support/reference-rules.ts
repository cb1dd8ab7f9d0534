/** What the reference engine makes of an order, for tests of rooms that know nothing of engines. */
export { readOrder } from '../../src/engine/rules/orders.ts'
export { description as describeReference } from '../../src/engine/description.ts'
