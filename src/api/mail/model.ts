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

/**
 * Mail of one lane is sent over connections of its own, so that no lane delays another.
 * - `sign_in`: somebody waits at a screen for it;
 * - `general`: everything else.
 */
export const Lane = z.enum(['sign_in', 'general'])
export type Lane = z.infer<typeof Lane>

/** The lane of each kind of mail. */
export const laneOf: Readonly<Record<MailKind, Lane>> = { login_code: 'sign_in' }

/** A mail to be sent. */
export type Mail = {
  /** A UUID; the mail's Message-ID is made of it. */
  id: string
  kind: MailKind
  to: string
  /** A BCP 47 tag; languages there is no template for are written to in English. */
  locale: string
  vars: Record<string, string>
  /** Within its lane, higher overtakes lower. */
  priority: number
  /** Who caused it, in a form that names nobody: mail of one source has a share of the connections only. */
  source?: string | undefined
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
  /** Of another shape in the table, they fit no template: the mail ends there, and stops no other. */
  vars: z.record(z.string(), z.string()).catch({}),
  /** Of the recipient. */
  domain: z.string(),
  domainKnown: z.boolean(),
  source: z.string().nullable(),
  leaseToken: z.uuid(),
  deliveries: z.int(),
  failures: z.int(),
  stalls: z.int(),
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
  /** The server takes no further connection at the moment: again soon, and the try does not count. */
  | 'busy'

export type Outcome = {
  verdict: Verdict
  responseCode?: number | undefined
  detail: string
  /** Nobody answered in all the time that an attempt has. Such mail is tried again over a few connections only. */
  stalled?: boolean
  /** It was ended for the sake of other mail, and may have been about to be answered. */
  gaveWay?: boolean
}
