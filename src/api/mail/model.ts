import { z } from 'zod'

/** The kinds of mail, and what each one's template is filled with. */
export const mailVars = {
  login_code: z.object({
    code: z.string().regex(/^[0-9]{8}$/),
    /** For how long the code is valid. */
    minutes: z.coerce.number().int().min(1).max(1440),
  }),
} as const

export const MailKind = z.enum(['login_code'])
export type MailKind = z.infer<typeof MailKind>

/** A mail to be sent. */
export type Mail = {
  /** A UUID; the mail's Message-ID is made of it. */
  id: string
  kind: MailKind
  to: string
  /** A BCP 47 tag; languages there is no template for are written to in English. */
  locale: string
  vars: Record<string, string>
  /** Higher overtakes lower. */
  priority: number
  /** Not sent after this. */
  expiresAt: Date
  /** A second mail with the same key is ignored. */
  dedupKey?: string
  now: Date
}

/** A delivery as a worker has claimed it. */
export const Claimed = z.object({
  id: z.uuid(),
  kind: z.string(),
  recipient: z.string(),
  locale: z.string(),
  vars: z.record(z.string(), z.string()),
  leaseToken: z.uuid(),
  deliveries: z.int(),
  failures: z.int(),
})
export type Claimed = z.infer<typeof Claimed>

/** How a try to send ended, and so what becomes of the delivery. */
export type Verdict =
  | 'sent'
  /** Later, and the try counts. */
  | 'retry'
  /** The address does not exist: nothing is sent to it any more. */
  | 'suppress'
  /** Refused for good. */
  | 'dead'
  /** Not this mail's fault: nothing can be sent now, and the try does not count. */
  | 'pause'

export type Outcome = { verdict: Verdict; responseCode?: number | undefined; detail: string }
