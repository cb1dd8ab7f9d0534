import { createBrowserTransport, createIndexedDbKeyStore } from '../../../src/client/browser.ts'
import { createDeviceKey, createGalaxyClient } from '../../../src/client/index.ts'

/** What the page under test does with the SDK; the test calls it through `window.player`. */
function createPlayer() {
  const store = createIndexedDbKeyStore({ name: 'galaxy-test' })
  const seen: { type: string; id: string; turn?: unknown }[] = []
  const ending = new AbortController()
  return { seen, open, requestCode, confirm, account, report, submit, listen, leave }

  async function open(publicUrl: string, authUrl: string, protocol: 'connect' | 'grpc-web') {
    const stored = await store.load()
    const key = stored?.key ?? (await createDeviceKey({ extractable: false }))
    const client = createGalaxyClient({
      publicUrl,
      transport: createBrowserTransport({ url: authUrl, protocol }),
      key,
      session: stored?.deviceSessionId,
    })
    return { client, key }
  }

  type Opened = Awaited<ReturnType<typeof open>>

  async function requestCode({ client }: Opened, email: string) {
    return (await client.auth.sendEmailCode(email)).challengeId
  }

  async function confirm({ client, key }: Opened, challengeId: string, code: string) {
    const { deviceSessionId } = await client.auth.confirmEmailCode({ challengeId, code, deviceLabel: 'Chromium' })
    await store.save({ key, deviceSessionId })
    return deviceSessionId
  }

  function account({ client }: Opened) {
    return client.account()
  }

  function report({ client }: Opened, gameId: string, turn: number) {
    return client.games.report(gameId, turn)
  }

  function submit({ client }: Opened, gameId: string, turn: number) {
    return client.games.submitOrders(gameId, turn, [{ type: 'stance', raceName: 'Zerks', stance: 'peace' }])
  }

  function listen({ client }: Opened) {
    void (async () => {
      for await (const { type, id, payload } of client.events({ signal: ending.signal })) {
        const turn = typeof payload === 'object' && payload && 'turn' in payload ? payload.turn : undefined
        seen.push({ type, id, turn })
      }
    })()
  }

  function leave() {
    ending.abort()
  }
}

export type Player = ReturnType<typeof createPlayer>

Object.assign(globalThis, { player: createPlayer() })
