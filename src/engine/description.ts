import { z } from 'zod'
import type { EngineDescription } from '../engine-contract/model.ts'
import { Order, orderHelp } from './rules/index.ts'

let made: string | undefined

/** The answer to `GET /describe`. Made when it is first asked for: most engines never are. */
export function description(): string {
  made ??= JSON.stringify(describe())
  return made
}

function describe(): EngineDescription {
  return {
    name: 'Galaxy 4X',
    orders: z.toJSONSchema(Order, { io: 'input' }),
    help: [...orderHelp],
    stats: [
      // How many planets each race holds is in every report; people and industry of the others are not.
      { name: 'planets', title: 'Planets', public: true },
      { name: 'population', title: 'Population' },
      { name: 'industry', title: 'Industry' },
    ],
  }
}
