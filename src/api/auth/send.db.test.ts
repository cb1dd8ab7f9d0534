import { randomUUID } from 'node:crypto'
import { sql } from 'slonik'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestDatabase, type TestPool } from '../../../test/support/database.ts'
import { mailsTo, someAddress, someDevice, startAuth, wrong } from './fixtures.ts'
import { recording } from './recording.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

let database: TestPool
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const count = (query: ReturnType<typeof sql.fragment>) =>
  database.db.oneFirst(sql.type(z.object({ count: z.int() }))`SELECT count(*)::int AS count ${query}`)

/** Signs somebody in, so that the address is known. */
async function signUp(address: string) {
  const { challenge, confirm } = startAuth(database.db)
  await confirm(someDevice(), await challenge(address))
}

const block = (address: string) =>
  database.db.query(sql.type(z.object({}))`
    UPDATE backend.users SET status = 'permanent_blocked' WHERE email_canonical = ${address}
  `)

describe('asking for a code', () => {
  it('mails eight digits that are good for ten minutes, and keeps them nowhere else', async () => {
    const { db } = database
    const address = someAddress()
    const { challengeId, code } = await startAuth(db).challenge(address)
    expect(await mailsTo(db, address)).toEqual([{ recipient: address, code, locale: 'en', minutes: '10' }])
    expect(code).toMatch(/^[0-9]{8}$/)
    const kept = await db.oneFirst(sql.type(z.object({ row: z.string() }))`
      SELECT challenge::text AS row FROM backend.auth_challenges AS challenge WHERE id = ${challengeId}
    `)
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(Buffer.from(code).toString('hex'))
  })

  it('makes no user (abuse 45)', async () => {
    const address = someAddress()
    await startAuth(database.db).send(address)
    expect(await count(sql.fragment`FROM backend.users WHERE email_canonical = ${address}`)).toBe(0)
  })

  it('again within a minute gives another challenge and no mail (abuse 44)', async () => {
    const address = someAddress()
    const { send, pass } = startAuth(database.db)
    const challenges = [await send(address)]
    pass(minuteMs - 1)
    challenges.push(await send(address.toUpperCase()))
    expect(new Set(challenges).size).toBe(2)
    expect(await mailsTo(database.db, address)).toHaveLength(1)
    pass(1)
    await send(address)
    expect(await mailsTo(database.db, address)).toHaveLength(2)
  })

  it('mails five codes an hour and ten a day at most (abuse 44)', async () => {
    const address = someAddress()
    const { send, pass } = startAuth(database.db)
    const mailedIn = async (minutes: number) => {
      const before = (await mailsTo(database.db, address)).length
      for (let minute = 0; minute < minutes; minute += 1) {
        await send(address)
        pass(minuteMs)
      }
      return (await mailsTo(database.db, address)).length - before
    }
    expect(await mailedIn(59)).toBe(5)
    pass(hourMs)
    expect(await mailedIn(59)).toBe(5)
    pass(hourMs)
    expect(await mailedIn(10)).toBe(0)
    pass(24 * hourMs)
    expect(await mailedIn(1)).toBe(1)
  })

  it('many times at once mails one code (abuse 44)', async () => {
    const address = someAddress()
    const { send } = startAuth(database.db)
    const challenges = await Promise.all(Array.from({ length: 20 }, () => send(address)))
    expect(new Set(challenges).size).toBe(20)
    expect(await mailsTo(database.db, address)).toHaveLength(1)
  })

  it('mails no more codes for a day once twenty guesses have failed', async () => {
    const address = someAddress()
    const { challenge, confirm, send, pass } = startAuth(database.db)
    for (let round = 0; round < 4; round += 1) {
      const { challengeId, code } = await challenge(address)
      for (let guess = 0; guess < 5; guess += 1) {
        await confirm(someDevice(), { challengeId, code: wrong(code) }).catch(() => undefined)
      }
      pass(minuteMs)
    }
    await send(address)
    expect(await mailsTo(database.db, address)).toHaveLength(4)
  })

  it('for a blocked user looks the same and mails nothing', async () => {
    const address = someAddress()
    await signUp(address)
    await block(address)
    const { send, pass } = startAuth(database.db)
    pass(hourMs)
    expect(await send(address)).toMatch(/^[0-9a-f-]{36}$/)
    expect(await mailsTo(database.db, address)).toHaveLength(1)
  })

  it('mails to the spelling that the account was opened with', async () => {
    const address = someAddress()
    await signUp(address)
    const { send, pass } = startAuth(database.db)
    pass(hourMs)
    await send(address.replace('ada', 'ADA'))
    expect((await mailsTo(database.db, address)).map(({ recipient }) => recipient)).toEqual([address, address])
  })

  it('forgets old challenges and what was counted for old budgets', async () => {
    await using own = await openTestDatabase()
    const { send, pass } = startAuth(own.db)
    for (let day = 0; day < 5; day += 1) {
      await send(someAddress())
      pass(25 * hourMs)
    }
    const left = await own.db.one(sql.type(z.object({ challenges: z.int(), windows: z.int() }))`
      SELECT (SELECT count(*) FROM backend.auth_challenges)::int AS challenges,
             (SELECT count(*) FROM backend.email_send_windows)::int AS windows
    `)
    expect(left).toEqual({ challenges: 1, windows: 1 })
  })

  it('is forgotten also when nobody asks again', async () => {
    await using own = await openTestDatabase()
    const { auth, send, pass } = startAuth(own.db)
    await send(someAddress())
    pass(23 * hourMs)
    expect(await auth.forgetOld(500)).toBe(0)
    pass(2 * hourMs)
    expect(await auth.forgetOld(500)).toBe(2)
  })
})

describe('who watches', () => {
  it('sees the same work for every address: unknown, known, blocked, throttled (abuse 45)', async () => {
    const [unknown, known, blocked, throttled] = [someAddress(), someAddress(), someAddress(), someAddress()]
    await signUp(known)
    await signUp(blocked)
    await block(blocked)
    await startAuth(database.db).send(throttled)

    const { db, statements } = recording(database.db)
    const { send, pass } = startAuth(db)
    const work = async (address: string) => {
      statements.length = 0
      await send(address)
      return [...statements]
    }
    const throttledWork = await work(throttled)
    expect(await mailsTo(database.db, throttled)).toHaveLength(1)
    pass(hourMs)
    const unknownWork = await work(unknown)
    expect(unknownWork.length).toBeGreaterThan(5)
    expect(await work(known)).toEqual(unknownWork)
    expect(await work(blocked)).toEqual(unknownWork)
    expect(throttledWork).toEqual(unknownWork)
  })

  it('sees the same work for every wrong code: of a mailed challenge, of one that was not, of none (abuse 45)', async () => {
    const address = someAddress()
    const { db, statements } = recording(database.db)
    const { challenge, send, confirm } = startAuth(db)
    const { challengeId, code } = await challenge(address)
    const unmailed = await send(address)
    const work = async (guessed: string) => {
      statements.length = 0
      await expect(confirm(someDevice(), { challengeId: guessed, code: wrong(code) })).rejects.toMatchObject({
        reason: 'invalid_or_expired_code',
      })
      return [...statements]
    }
    const mailedWork = await work(challengeId)
    expect(mailedWork.length).toBeGreaterThan(3)
    expect(await work(unmailed)).toEqual(mailedWork)
    expect(await work(randomUUID())).toEqual(mailedWork)
  })
})
