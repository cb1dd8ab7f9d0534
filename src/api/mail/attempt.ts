import { messageOf } from '../../platform/errors.ts'
import { externalText } from '../../platform/external-text.ts'
import type { Claimed, Outcome } from './model.ts'
import { redact } from './redact.ts'
import type { Rendered, Templates } from './templates.ts'
import { type AttemptEnds, type MailTransport, SendError } from './transport.ts'

type AttemptNeeds = {
  templates: Templates
  transport: Pick<MailTransport, 'send'>
  isSuppressed: (address: string) => Promise<boolean>
}

/**
 * Tries to send what has been claimed, outside any transaction: a mail server may take its time. Whatever comes of it is
 * told, with neither secrets nor addresses in it.
 * @throws what `isSuppressed` throws
 */
export async function attempt(claimed: Claimed, ends: AttemptEnds, needs: AttemptNeeds): Promise<Outcome> {
  const { templates, transport, isSuppressed } = needs
  if (await isSuppressed(claimed.recipient)) return { verdict: 'suppress', detail: 'the address is suppressed' }
  const rendered = render(templates, claimed)
  if (!rendered) return { verdict: 'dead', detail: 'there is no template for this kind of mail and these vars' }
  const { secrets, ...content } = rendered
  const outcome = await send(transport, { id: claimed.id, to: claimed.recipient, ...content }, ends)
  return { ...outcome, detail: redact(outcome.detail, secrets) }
}

function render(templates: Templates, claimed: Claimed): Rendered | undefined {
  try {
    return templates.render(claimed)
  } catch {
    return undefined
  }
}

async function send(
  transport: Pick<MailTransport, 'send'>,
  mail: Parameters<MailTransport['send']>[0],
  ends: AttemptEnds,
): Promise<Outcome> {
  try {
    const { response } = await transport.send(mail, ends)
    return { verdict: 'sent', detail: response }
  } catch (error) {
    return error instanceof SendError ? error.outcome : { verdict: 'retry', detail: externalText(messageOf(error)) }
  }
}
