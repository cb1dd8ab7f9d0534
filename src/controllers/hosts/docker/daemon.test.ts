import { describe, expect, it } from 'vitest'
import { call, callUnless, connectDaemon, statusOf } from './daemon.ts'

const answered = (statusCode: number) =>
  Object.assign(new Error('(HTTP code) said'), { statusCode, json: { message: 'said' } })

describe('a call to the Docker daemon', () => {
  it('fails in the words and the kind that were asked for', async () => {
    const calling = call(() => Promise.reject(answered(500)), { failure: 'StartFailed' })
    await expect(calling).rejects.toMatchObject({ name: 'HostError', failure: 'StartFailed', message: 'said' })
    expect(statusOf(await calling.catch((error: unknown) => error))).toBe(500)
  })

  it('tells that there is no daemon, whatever was asked', async () => {
    const daemon = await connectDaemon('/nowhere/docker.sock')
    const calling = call(() => daemon.ping(), { failure: 'StartFailed' })
    await expect(calling).rejects.toMatchObject({ name: 'HostError', failure: 'HostUnavailable' })
  })

  it('does not wait for an answer for ever', async () => {
    let given: AbortSignal | undefined
    const calling = call((signal) => ((given = signal), new Promise<never>(() => undefined)), { timeoutMs: 10 })
    await expect(calling).rejects.toMatchObject({ failure: 'HostUnavailable' })
    expect(given?.aborted).toBe(true)
  })

  it('has no answer where the daemon says that there is nothing, if that is expected', async () => {
    expect(await callUnless([404], () => Promise.reject(answered(404)))).toBeUndefined()
    await expect(callUnless([404], () => Promise.reject(answered(409)))).rejects.toMatchObject({ message: 'said' })
  })
})
