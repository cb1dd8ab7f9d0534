import { describe, expect, it } from 'vitest'
import { ConfirmCode, SendCode } from './model.ts'
import { someDevice } from './fixtures.ts'

const guess = { challengeId: '2b7e1516-28ae-42d2-a6ab-f7158809cf4f', code: '01234567' }
const confirmation = (more: object) => ConfirmCode.safeParse(someDevice().confirmation(guess, more))

describe('what a device tells of itself', () => {
  it.each([
    ['Ada’s phone', 'Ada’s phone'],
    ['  a \u202e b\r\nc\0 ', 'a b c'],
    ['x'.repeat(200), 'x'.repeat(64)],
    [' \u200b ', null],
  ])('the label %j is kept as %j (abuse 48)', (label, kept) => {
    expect(confirmation({ device_label: label }).data?.device_label).toBe(kept)
  })

  it.each(['Europe/Vienna', 'UTC', 'America/Argentina/Buenos_Aires'])('%s is a time zone', (zone) => {
    expect(confirmation({ time_zone: zone }).data?.time_zone).toBe(zone)
  })

  it.each(['Mars/Olympus', '+02:00', '', 'x'.repeat(65)])('"%s" is no time zone', (zone) => {
    expect(confirmation({ time_zone: zone }).error?.issues[0]?.path).toEqual(['time_zone'])
  })

  it.each([
    ['de', 'de'],
    ['de-at', 'de-AT'],
  ])('the locale %s is kept as %s', (locale, kept) => {
    expect(SendCode.parse({ email: 'ada@example.com', locale }).locale).toBe(kept)
  })

  it.each(['', 'x', '../en', 'en_US', 'a'.repeat(36)])('"%s" is no locale', (locale) => {
    const { error } = SendCode.safeParse({ email: 'ada@example.com', locale })
    expect(error?.issues[0]?.path).toEqual(['locale'])
  })

  it('is nothing but what is asked for', () => {
    expect(confirmation({ user_id: guess.challengeId }).success).toBe(false)
  })
})
