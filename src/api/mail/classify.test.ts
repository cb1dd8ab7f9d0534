import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify, type SmtpFailure } from './classify.ts'
import { settle } from './settle.ts'

const answer = (command: string, response: string): SmtpFailure => ({
  message: `refused: ${response}`,
  code: command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE',
  command,
  response,
  responseCode: Number(response.slice(0, 3)),
})

describe('a failed send', () => {
  it.each([
    ['RCPT TO', '421 4.3.2 going down', 'retry'],
    ['RCPT TO', '450 4.2.0 busy', 'retry'],
    ['DATA', '451 4.7.1 greylisted', 'retry'],
    ['RCPT TO', '503 5.5.1 bad sequence', 'retry'],
    ['RCPT TO', '550 5.1.1 no such user', 'suppress'],
    ['RCPT TO', '550-5.1.1 no such\n550 5.1.1 user', 'suppress'],
    ['RCPT TO', '550 5.1.2 no such domain', 'suppress'],
    ['RCPT TO', '550 5.1.10 no MX', 'suppress'],
    ['DATA', '550 5.2.1 mailbox disabled', 'suppress'],
    ['RCPT TO', '550 5.1.8 bad sender', 'dead'],
    ['RCPT TO', '552 5.2.2 mailbox full', 'dead'],
    ['RCPT TO', '550 no such user', 'dead'],
    ['RCPT TO', '550 see 5.1.1', 'dead'],
    ['DATA', '554 5.7.1 policy', 'dead'],
    ['MAIL FROM', '550 5.1.1 who are you', 'pause'],
    ['MAIL FROM', '451 4.3.0 later', 'retry'],
    ['RCPT TO', '530 5.7.0 authentication required', 'pause'],
    ['CONN', '554 5.3.2 no service for you', 'pause'],
    ['EHLO', '421 4.7.0 too many connections', 'retry'],
  ])('with %s answered by "%s" means %s', (command, response, verdict) => {
    expect(classify(answer(command, response))).toMatchObject({ verdict, detail: response })
  })

  it.each([
    [{ code: 'EAUTH', responseCode: 535, response: '535 5.7.8 no', command: 'AUTH PLAIN' }, 'pause'],
    [{ code: 'EAUTH', responseCode: 454, response: '454 4.7.0 later', command: 'AUTH PLAIN' }, 'pause'],
    [{ code: 'ETLS', command: 'STARTTLS' }, 'pause'],
    [{ code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED', command: 'CONN' }, 'pause'],
    [{ code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID', command: 'CONN' }, 'pause'],
    [{ code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT', command: 'CONN' }, 'pause'],
    [{ code: 'ESOCKET', originalCode: 'ECONNREFUSED', command: 'CONN' }, 'retry'],
    [{ code: 'ECONNECTION', command: 'CONN' }, 'retry'],
    [{ code: 'EPROTOCOL', responseCode: 421, response: '421 4.7.0 too many', command: 'CONN' }, 'busy'],
    [{ code: 'ETIMEDOUT', command: 'CONN' }, 'retry'],
    [{ code: 'EDNS', command: 'CONN' }, 'retry'],
    [{ code: 'EENVELOPE', command: 'API' }, 'dead'],
    [{}, 'retry'],
  ] as const)('of %o means %s', (failure, verdict) => {
    expect(classify({ message: 'failed', ...failure }).verdict).toBe(verdict)
  })
})

describe('what becomes of a delivery', () => {
  const now = new Date('2026-03-01T12:00:00Z')
  const fresh = { stalls: 0, deliveries: 1 }
  const after = (
    verdict: 'sent' | 'retry' | 'suppress' | 'dead' | 'pause' | 'busy',
    failures = 0,
    random = () => 0.5,
  ) => settle({ ...fresh, failures, outcome: { verdict, detail: 'because' }, now, policy: { maxFailures: 8 }, random })

  it.each([
    { verdict: 'sent', failures: 2, status: 'sent', final: true, counted: 2 },
    { verdict: 'suppress', failures: 0, status: 'suppressed', final: true, counted: 0 },
    { verdict: 'dead', failures: 0, status: 'dead', final: true, counted: 0 },
    { verdict: 'pause', failures: 0, status: 'pending', final: false, counted: 0 },
    { verdict: 'pause', failures: 2, status: 'retrying', final: false, counted: 2 },
    { verdict: 'busy', failures: 0, status: 'pending', final: false, counted: 0 },
    { verdict: 'retry', failures: 6, status: 'retrying', final: false, counted: 7 },
    { verdict: 'retry', failures: 7, status: 'dead', final: true, counted: 8 },
  ] as const)('after $verdict with $failures failures is $status', ({ verdict, failures, status, final, counted }) => {
    expect(after(verdict, failures)).toMatchObject({ status, final, failures: counted })
  })

  it.each([
    [0, 30],
    [1, 60],
    [4, 480],
    [6, 1_920],
  ])('after %i failures and another one is tried again in %i s', (failures, seconds) => {
    expect(after('retry', failures).nextAttemptAt).toEqual(new Date(now.getTime() + seconds * 1000))
  })

  it('is tried again within a quarter of that, and within an hour and a quarter at most', () => {
    const failures = fc.integer({ min: 0, max: 1_000 })
    fc.assert(
      fc.property(failures, fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const outcome = { verdict: 'retry', detail: '' } as const
        const policy = { maxFailures: 2_000 }
        const { nextAttemptAt } = settle({ ...fresh, failures, outcome, now, policy, random: () => random })
        const waitMs = (nextAttemptAt?.getTime() ?? 0) - now.getTime()
        const full = Math.min(3_600_000, 30_000 * 2 ** failures)
        expect(waitMs).toBeGreaterThanOrEqual(full * 0.75)
        expect(waitMs).toBeLessThanOrEqual(full * 1.25)
      }),
    )
  })
})
