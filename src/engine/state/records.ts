import { z } from 'zod'
import { InitRequest, Orders } from '../../engine-contract/model.ts'
import { World } from '../rules/index.ts'

/** Everything about one turn: one file, `turns/000012.json`, written once and never changed. */
export const TurnRecord = z.object({
  world: World,
  /** What `PUT /admin/turn` (for turn 0, `POST /admin/init`) answered: the same bytes again for the same call. */
  answer: z.string(),
  reports: z.array(z.object({ raceName: z.string(), report: z.unknown() })),
  /** Turn 0 only: what the game was created from. */
  init: InitRequest.optional(),
})
export type TurnRecord = z.infer<typeof TurnRecord>

/** The orders of one race for one turn: `orders/000013/<hash of the race's name>.json`. */
export const StoredOrders = Orders

/** `banished/<hash of the race's name>.json`; takes effect with the turn after `turn`. */
export const Banishment = z.object({ raceName: z.string(), turn: z.int().min(0) })
