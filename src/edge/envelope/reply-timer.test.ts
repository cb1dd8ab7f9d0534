import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createReplyTimer, LateReply } from './reply-timer.ts'

/** Keeps the event loop busy: nothing is read meanwhile. */
function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

const never = new Promise<string>(() => undefined)

describe('the timer of replies', () => {
  it('gives up on a reply that does not come', async () => {
    const startedMs = performance.now()
    await expect(createReplyTimer().within(never, 100)).rejects.toThrow(LateReply)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(100)
  })

  it('accepts a reply that arrived while the process itself was busy for longer than the limit', async () => {
    const code = "setTimeout(() => require('node:worker_threads').parentPort.postMessage(''), 100)"
    const answering = new Worker(code, { eval: true })
    try {
      await once(answering, 'online')
      const reply = once(answering, 'message').then(() => 'replied')
      const answer = createReplyTimer().within(reply, 200)
      block(600)
      expect(await answer).toBe('replied')
    } finally {
      await answering.terminate()
    }
  })

  it('passes on a failure, and times the replies of one process together', async () => {
    const timer = createReplyTimer()
    const failed = timer.within(Promise.reject(new Error('refused')), 50)
    const late = timer.within(never, 50)
    await expect(failed).rejects.toThrow('refused')
    await expect(late).rejects.toThrow(LateReply)
    await expect(timer.within(never, 50)).rejects.toThrow(LateReply)
  })
})
