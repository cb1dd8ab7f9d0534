import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { pepper, someAddress, someDevice, startAuth, wrong } from './fixtures.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const refused = expect.objectContaining({
  kind: 'invalid',
  reason: 'invalid_or_expired_code',
  message: 'This code is wrong, or it is no longer good.',
})

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const Opened = z.object({
  userId: z.uuid(),
  email: z.string(),
  timeZone: z.string(),
  deviceLabel: z.string().nullable(),
})

const sessionsOf = (address: string) =>
  database.db.any(sql.type(Opened)`
    SELECT user_id AS "userId", email, time_zone AS "timeZone", device_label AS "deviceLabel"
    FROM backend.device_sessions
    JOIN backend.users AS owner ON owner.id = user_id
    WHERE email_canonical = lower(${address})
    ORDER BY device_sessions.created_at
  `)

const failuresOf = (address: string) =>
  database.db.oneFirst(sql.type(z.object({ failures: z.int() }))`
    SELECT coalesce(sum(failures), 0)::int AS failures FROM backend.email_send_windows WHERE email_canonical = ${address}
  `)

describe('the right code', () => {
  it('opens an account and a session for the device', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const more = { device_label: 'phone', time_zone: 'Europe/Vienna' }
    expect(await confirm(someDevice(), await challenge(address), more)).toMatch(/^[0-9a-f-]{36}$/)
    const [session, ...others] = await sessionsOf(address)
    expect(session).toMatchObject({ email: address, timeZone: 'Europe/Vienna', deviceLabel: 'phone' })
    expect(others).toEqual([])
  })

  it('of another day opens another session of the same user', async () => {
    const address = someAddress()
    const { challenge, confirm, pass } = startAuth(database.db)
    const first = await confirm(someDevice(), await challenge(address))
    pass(24 * hourMs)
    const second = await confirm(someDevice(), await challenge(address.replace('ada', 'Ada')))
    expect(second).not.toBe(first)
    const users = (await sessionsOf(address)).map(({ userId }) => userId)
    expect(users).toHaveLength(2)
    expect(new Set(users).size).toBe(1)
  })

  it('may be typed with whitespace around it (abuse 46)', async () => {
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(someAddress())
    expect(await confirm(someDevice(), { challengeId, code: ` ${code}\n` })).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('costs nothing of what may fail in a day', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(address)
    await expect(confirm(someDevice(), { challengeId, code: wrong(code) })).rejects.toEqual(refused)
    await confirm(someDevice(), { challengeId, code })
    expect(await failuresOf(address)).toBe(1)
  })

  it('is good while its pepper is known, also after a newer one has come', async () => {
    const { challenge } = startAuth(database.db, { peppers: [pepper('k1')] })
    const [kept, lost] = [await challenge(someAddress()), await challenge(someAddress())]
    const { confirm } = startAuth(database.db, { peppers: [pepper('k2'), pepper('k1')] })
    expect(await confirm(someDevice(), kept)).toBeDefined()
    const later = startAuth(database.db, { peppers: [pepper('k2')] })
    await expect(later.confirm(someDevice(), lost)).rejects.toEqual(refused)
  })

  it('is refused with a key that another user has, and may be used with a new one', async () => {
    const { challenge, confirm } = startAuth(database.db)
    const device = someDevice()
    await confirm(device, await challenge(someAddress()))
    const own = await challenge(someAddress())
    await expect(confirm(device, own)).rejects.toMatchObject({ kind: 'conflict', reason: 'key_in_use' })
    expect(await confirm(someDevice(), own)).toBeDefined()
  })

  it('opens nothing for a user who was blocked after it was mailed', async () => {
    const address = someAddress()
    const { challenge, confirm, pass } = startAuth(database.db)
    await confirm(someDevice(), await challenge(address))
    pass(minuteMs)
    const late = await challenge(address)
    await database.db.query(sql.type(z.object({}))`
      UPDATE backend.users SET status = 'permanent_blocked' WHERE email_canonical = ${address}
    `)
    await expect(confirm(someDevice(), late)).rejects.toEqual(refused)
    expect(await sessionsOf(address)).toHaveLength(1)
  })

  it('opens nothing when it was mailed to another spelling than the account has by now', async () => {
    const address = someAddress()
    const { challenge, confirm, pass } = startAuth(database.db)
    const shouted = await challenge(address.replace('ada', 'ADA'))
    pass(minuteMs)
    await confirm(someDevice(), await challenge(address))
    const [owner] = await sessionsOf(address)
    expect(owner?.email).toBe(address)
    await expect(confirm(someDevice(), shouted)).rejects.toEqual(refused)
  })
})

describe('one answer is given', () => {
  it('to a wrong code, a late one, a used one, one of another challenge and one of none (abuse 46)', async () => {
    const { challenge, confirm, pass } = startAuth(database.db)
    const { challengeId, code } = await challenge(someAddress())
    const other = await challenge(someAddress())
    const used = await challenge(someAddress())
    await confirm(someDevice(), used)

    await expect(confirm(someDevice(), { challengeId, code: wrong(code) })).rejects.toEqual(refused)
    await expect(confirm(someDevice(), { challengeId: other.challengeId, code })).rejects.toEqual(refused)
    await expect(confirm(someDevice(), { challengeId: randomUUID(), code })).rejects.toEqual(refused)
    await expect(confirm(someDevice(), used)).rejects.toEqual(refused)
    pass(10 * minuteMs)
    await expect(confirm(someDevice(), { challengeId, code })).rejects.toEqual(refused)
  })

  it.each([
    {
      what: 'in full-width digits',
      alter: (code: string) => code.replace(/[0-9]/g, (d) => String.fromCodePoint(0xff10 + Number(d))),
    },
    { what: 'with a no-break space', alter: (code: string) => `\u00a0${code}` },
    { what: 'with a space in it', alter: (code: string) => `${code.slice(0, 4)} ${code.slice(4)}` },
    { what: 'with more after it', alter: (code: string) => `${code}0` },
    { what: 'that is empty', alter: () => '' },
  ])('to a code $what (abuse 46)', async ({ alter }) => {
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(someAddress())
    await expect(confirm(someDevice(), { challengeId, code: alter(code) })).rejects.toEqual(refused)
  })

  it('to a challenge that was not mailed, whatever the code', async () => {
    const address = someAddress()
    const { challenge, send, confirm } = startAuth(database.db, { newCode: () => '01234567' })
    await challenge(address)
    await expect(confirm(someDevice(), { challengeId: await send(address), code: '01234567' })).rejects.toEqual(refused)
  })
})

describe('a challenge that does not exist', () => {
  const written = () =>
    database.db.oneFirst(sql.type(z.object({ failures: z.int() }))`
      SELECT coalesce(sum(failures), 0)::int AS failures FROM backend.email_send_windows
    `)

  it('costs the same write as one that does, and counts for no address (abuse 45)', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(address)
    for (const id of [challengeId, randomUUID()]) {
      const before = await written()
      await expect(confirm(someDevice(), { challengeId: id, code: wrong(code) })).rejects.toEqual(refused)
      expect((await written()) - before).toBe(1)
    }
    expect(await failuresOf(address)).toBe(1)
  })
})

describe('guessing', () => {
  it('ends after five attempts: then the right code is wrong, too (abuse 42)', async () => {
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(someAddress())
    for (let guess = 0; guess < 5; guess += 1) {
      await expect(confirm(someDevice(), { challengeId, code: wrong(code) })).rejects.toEqual(refused)
    }
    await expect(confirm(someDevice(), { challengeId, code })).rejects.toEqual(refused)
  })

  it('fifty times at once has five guesses looked at (abuse 42)', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const { challengeId, code } = await challenge(address)
    const guesses = Array.from({ length: 50 }, () => confirm(someDevice(), { challengeId, code: wrong(code) }))
    const answers = await Promise.allSettled(guesses)
    expect(answers.filter(({ status }) => status === 'fulfilled')).toEqual([])
    const attempts = await database.db.oneFirst(sql.type(z.object({ attempts: z.int() }))`
      SELECT attempts FROM backend.auth_challenges WHERE id = ${challengeId}
    `)
    expect(attempts).toBe(5)
    expect(await failuresOf(address)).toBe(5)
  })

  it('right fifty times at once, from as many devices, opens one session (abuse 42)', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const right = await challenge(address)
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => confirm(someDevice(), right)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await sessionsOf(address)).toHaveLength(1)
  })

  it('spread over many codes of one address ends after twenty in a day (abuse 43)', async () => {
    const address = someAddress()
    const { challenge, confirm, pass } = startAuth(database.db)
    const challenges = []
    for (let round = 0; round < 5; round += 1) {
      challenges.push(await challenge(address))
      pass(minuteMs)
    }
    const guess = ({ challengeId, code }: { challengeId: string; code: string }) =>
      confirm(someDevice(), { challengeId, code: wrong(code) })
    await Promise.allSettled(challenges.flatMap((each) => [each, each, each, each, each].map(guess)))
    expect(await failuresOf(address)).toBe(20)
    for (const right of challenges) await expect(confirm(someDevice(), right)).rejects.toEqual(refused)
    expect(await sessionsOf(address)).toEqual([])
  })

  it('without a proof costs no attempt', async () => {
    const { auth, challenge, confirm } = startAuth(database.db)
    const right = await challenge(someAddress())
    const body = { ...someDevice().confirmation(right), proof: someDevice().confirmation(right).proof }
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await expect(auth.confirmCode(body)).rejects.toMatchObject({ kind: 'invalid', reason: 'invalid_proof' })
    }
    expect(await confirm(someDevice(), right)).toBeDefined()
  })
})

describe('a confirmation whose answer got lost', () => {
  it('gives the same session to the same device for a minute', async () => {
    const address = someAddress()
    const { challenge, confirm, pass } = startAuth(database.db)
    const [right, device] = [await challenge(address), someDevice()]
    const session = await confirm(device, right)
    pass(minuteMs - 1)
    expect(await confirm(device, right)).toBe(session)
    await expect(confirm(someDevice(), right)).rejects.toEqual(refused)
    await expect(confirm(device, { ...right, code: wrong(right.code) })).rejects.toEqual(refused)
    pass(1)
    await expect(confirm(device, right)).rejects.toEqual(refused)
    expect(await sessionsOf(address)).toHaveLength(1)
  })

  it('and is sent again at the same time opens one session (abuse 42)', async () => {
    const address = someAddress()
    const { challenge, confirm } = startAuth(database.db)
    const [right, device] = [await challenge(address), someDevice()]
    const sessions = await Promise.all(Array.from({ length: 5 }, () => confirm(device, right)))
    expect(new Set(sessions).size).toBe(1)
    expect(await sessionsOf(address)).toHaveLength(1)
  })

  it('gives nothing once that session is over', async () => {
    const { challenge, confirm } = startAuth(database.db)
    const [right, device] = [await challenge(someAddress()), someDevice()]
    const session = await confirm(device, right)
    await database.db.query(sql.type(z.object({}))`
      UPDATE backend.device_sessions SET status = 'revoked', revoke_reason = 'logout', revoked_at = now()
      WHERE id = ${session}
    `)
    await expect(confirm(device, right)).rejects.toEqual(refused)
  })
})
