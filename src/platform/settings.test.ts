import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { duration, listenAddress, parseDuration, readSettings, toggle, wholeNumber } from './settings.ts'

const Settings = z.object({
  APP_ADDR: listenAddress.prefault(':80'),
  APP_WAIT: duration({ min: '1s', max: '1m' }).prefault('5s'),
  APP_WORKERS: wholeNumber(1, 8).prefault('2'),
  APP_FAST: toggle.prefault('false'),
})

describe('settings', () => {
  it('have defaults, and an empty value counts as unset', () => {
    expect(readSettings(Settings, { APP_WAIT: '' })).toEqual({
      APP_ADDR: { host: '::', port: 80 },
      APP_WAIT: 5000,
      APP_WORKERS: 2,
      APP_FAST: false,
    })
  })

  it('are read without the white space around them', () => {
    expect(readSettings(Settings, { APP_WAIT: ' 7s\n', APP_FAST: ' ' })).toMatchObject({
      APP_WAIT: 7000,
      APP_FAST: false,
    })
  })

  it('are not taken from what Kubernetes says of a Service of that name', () => {
    const Engine = z.object({ GALAXY_ENGINE_PORT: wholeNumber(0, 65_535).prefault('8080') })
    expect(readSettings(Engine, { GALAXY_ENGINE_PORT: 'tcp://10.0.0.1:80' })).toEqual({ GALAXY_ENGINE_PORT: 8080 })
  })

  it('that do not exist are refused together with those that are wrong', () => {
    const given = { APP_WIAT: '5s', APP_FAST: 'yes', APP_PORT: 'tcp://10.0.0.1:80', OTHER: 'x' }
    expect(() => readSettings(Settings, given, { prefix: 'APP_' })).toThrow(
      [
        'setting APP_FAST: must be true or false, but is "yes"',
        'setting APP_WIAT: there is no such setting; is APP_WAIT meant?',
      ].join('\n'),
    )
  })

  it('are refused all at once, one line for each, naming it', () => {
    const wrong = { APP_ADDR: 'here', APP_WAIT: '2m', APP_WORKERS: '0x4', APP_FAST: 'yes' }
    expect(() => readSettings(Settings, wrong)).toThrow(
      [
        'setting APP_ADDR: must be an address such as :8083 or 127.0.0.1:8083, but is "here"',
        'setting APP_WAIT: must lie between 1s and 1m, but is "2m"',
        'setting APP_WORKERS: must be a whole number from 1 to 8, but is "0x4"',
        'setting APP_FAST: must be true or false, but is "yes"',
      ].join('\n'),
    )
  })

  it.each([
    [':8083', { host: '::', port: 8083 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('read the address %s', (text, address) => {
    expect(listenAddress.parse(text)).toEqual(address)
  })

  it.each(['8083', ':65536', 'a b:1', '::1:80', ':', 'host:'])('refuse the address %s', (text) => {
    expect(listenAddress.safeParse(text).success).toBe(false)
  })
})

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1m1ms', 60_001],
  ])('read %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '5', 's', '-5s', '1.5h', '5 s'])('refuse "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('add up their parts', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(59), fc.nat(59), (hours, minutes, seconds) => {
        const total = ((hours * 60 + minutes) * 60 + seconds) * 1000
        expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(total)
      }),
    )
  })
})
