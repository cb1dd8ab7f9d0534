import { z } from 'zod'

/** A mail as it was taken for one recipient; programs read this shape. */
export const Message = z.object({
  id: z.string().regex(/^[0-9]{13,}$/),
  to: z.string(),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  receivedAt: z.iso.datetime(),
})
export type Message = z.infer<typeof Message>
