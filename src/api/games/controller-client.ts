import type { Dispatcher } from 'undici'
import { z } from 'zod'
import type { ObjectKey } from '../../platform/kubernetes/objects.ts'

export type ControllerClientOptions = { baseUrl: string; serviceToken: string; dispatcher: Dispatcher }
export type ControllerClient = ReturnType<typeof createControllerClient>

const Place = z.object({ endpoint: z.url(), epoch: z.int().min(0) })

/** The internal API of the controllers, as far as players' calls need it. Every function rejects unless it was answered. */
export function createControllerClient({ baseUrl, serviceToken, dispatcher }: ControllerClientOptions) {
  const { origin, pathname } = new URL(baseUrl)
  const prefix = pathname.replace(/\/+$/, '')
  return { wake, reportActivity }

  /** Where the game's engine is, once it is healthy. */
  async function wake(key: ObjectKey, timeoutMs: number): Promise<z.output<typeof Place>> {
    return Place.parse(await post(key, 'wake', timeoutMs, { 'x-request-timeout-ms': String(Math.ceil(timeoutMs)) }))
  }

  async function reportActivity(key: ObjectKey, timeoutMs: number): Promise<void> {
    await post(key, 'activity', timeoutMs)
  }

  async function post({ namespace, name }: ObjectKey, what: string, timeoutMs: number, headers: object = {}) {
    const query = `namespace=${encodeURIComponent(namespace)}`
    const answer = await dispatcher.request({
      origin,
      path: `${prefix}/api/v1/internal/games/${encodeURIComponent(name)}/${what}?${query}`,
      method: 'POST',
      headers: { authorization: `Bearer ${serviceToken}`, ...headers },
      // The controllers answer in time by themselves; this is for when they do not.
      signal: AbortSignal.timeout(Math.ceil(timeoutMs) + 1000),
    })
    const body: unknown = await answer.body.json()
    if (answer.statusCode !== 200) {
      throw new Error(`the controllers answered ${answer.statusCode} to ${what}: ${JSON.stringify(body).slice(0, 500)}`)
    }
    return body
  }
}
