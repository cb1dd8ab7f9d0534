import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { sleep, steadyClock } from './clock.ts'

describe('a sleep', () => {
  it('that is longer than a timer of Node.js can last goes on until it is ended', async () => {
    const stop = new AbortController()
    let isOver = false
    const sleeping = sleep(2 ** 31 + 1000, stop.signal).then(() => (isOver = true))
    await delay(20)
    expect(isOver).toBe(false)
    stop.abort()
    await sleeping
    expect(isOver).toBe(true)
  })
})

it('the steady clock never goes back', () => {
  const moments = Array.from({ length: 100 }, () => steadyClock.now().getTime())
  expect(moments.toSorted((a, b) => a - b)).toEqual(moments)
})
