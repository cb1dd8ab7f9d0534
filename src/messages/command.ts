import { z } from 'zod'

/** How dear a command is, for the budgets: reads, writes, what touches security, what starts work elsewhere. */
export type BudgetClass = 'read' | 'write' | 'sensitive' | 'expensive'

export type Command<
  Type extends string = string,
  Payload extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
> = {
  /** `<area>.<resource>.<verb>`. */
  type: Type
  method: 'GET' | 'POST' | 'PATCH'
  /**
   * Below `/api/v1/user`; it may carry a fixed query. `{name}` is filled with the payload's member of that name; what is
   * left of the payload joins the query of a GET, and is the JSON body of everything else.
   */
  path: string
  budget: BudgetClass
  /** One sentence for the catalogue's page. */
  summary: string
  payload: Payload
  result: Result
}

/** Keeps the types of its parts, so that clients are typed by the catalogue. */
export function command<const Type extends string, Payload extends z.ZodObject, Result extends z.ZodType>(
  definition: Command<Type, Payload, Result>,
): Command<Type, Payload, Result> {
  return definition
}

/** For commands that need to be told nothing. */
export const nothing = z.strictObject({})

export const Moment = z.iso.datetime({ offset: true })
