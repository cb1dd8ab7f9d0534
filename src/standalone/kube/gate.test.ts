import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

describe('the gate', () => {
  it('waits for those inside, and lets nobody else in', async () => {
    const gate = createGate()
    const { promise, resolve } = Promise.withResolvers<string>()
    const inside = gate.pass(() => promise)
    let isClosed = false
    const closing = gate.close(60_000).then(() => {
      isClosed = true
    })
    await expect(gate.pass(() => 'late')).rejects.toMatchObject({ code: 503 })
    expect(isClosed).toBe(false)
    resolve('done')
    await closing
    await expect(inside).resolves.toBe('done')
  })

  it('does not wait for ever', async () => {
    const gate = createGate()
    void gate.pass(() => new Promise(() => undefined))
    await expect(gate.close(10)).resolves.toBeUndefined()
  })

  it('closes at once when nobody is inside', async () => {
    const gate = createGate()
    await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(gate.close(60_000)).resolves.toBeUndefined()
  })
})
