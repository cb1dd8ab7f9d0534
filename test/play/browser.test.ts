import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readCode } from '../support/foreign-device.ts'
import { eventually } from '../support/eventually.ts'
import { openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import type { Player } from './browser/page.ts'
import { servePage } from './browser/serve.ts'

declare const player: Player

const Addresses = z.object({ edgePublic: z.url(), edgeAuth: z.url(), mailbox: z.url() })

let site: Awaited<ReturnType<typeof servePage>>
let platform: Platform
let at: z.infer<typeof Addresses>
let browser: Browser

beforeAll(async () => {
  site = await servePage()
  platform = await startPlatform({ env: { GATEWAY_CORS_ALLOWED_ORIGINS: site.origin } })
  at = Addresses.parse(platform.endpoints)
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync']
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(async () => {
  await browser.close()
  await platform[Symbol.asyncDispose]()
  await site[Symbol.asyncDispose]()
})

async function openPage(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(site.origin)
  await page.waitForFunction(() => 'player' in globalThis)
  return page
}

describe('a page that the gateway does not let in', () => {
  it('is told so, and not that the gateway cannot be reached', async () => {
    await using elsewhere = await servePage()
    const page = await (await browser.newContext()).newPage()
    await page.goto(elsewhere.origin)
    await page.waitForFunction(() => 'player' in globalThis)
    const asked = (authUrl: string, publicUrl: string) =>
      page.evaluate(
        async (a) =>
          player
            .open(a.publicUrl, a.authUrl, 'connect')
            .then(
              (opened) => player.requestCode(opened, 'nobody@example.com'),
              () => '',
            )
            .catch((error: unknown) => String(error)),
        { authUrl, publicUrl },
      )
    expect(await asked(at.edgeAuth, at.edgePublic)).toContain(
      `answers, but not to pages of ${elsewhere.origin}: its operator lets them in with GATEWAY_CORS_ALLOWED_ORIGINS`,
    )
    expect(await asked('http://127.0.0.1:1', 'http://127.0.0.1:1')).toContain('cannot be reached')
  })
})

describe.each(['connect', 'grpc-web'] as const)('a player in a browser, over %s', (protocol) => {
  const email = `browser-${protocol}@example.com`
  const game = `browser-${protocol}`

  it('signs in, is told of a turn, reads its report and sends orders; the session outlives the page', async () => {
    const page = await openPage()
    const where = { ...at, protocol, email }
    const challengeId = await page.evaluate(
      async (a) => player.requestCode(await player.open(a.edgePublic, a.edgeAuth, a.protocol), a.email),
      where,
    )
    const code = await readCode(at.mailbox, email)
    const userId = await page.evaluate(
      async (a) => {
        const opened = await player.open(a.edgePublic, a.edgeAuth, a.protocol)
        await player.confirm(opened, a.challengeId, a.code)
        return (await player.account(opened)).id
      },
      { ...where, challengeId, code },
    )
    expect(userId).toMatch(/^[0-9a-f-]{36}$/)

    await using games = openGames(platform.kubeconfig)
    const players = [
      { userId, raceName: 'Terrans' },
      { userId: 'user-0', raceName: 'Zerks' },
    ]
    await games.create(game, { players })
    await games.until(game, ({ status }) => status.turn?.number === 0)

    await page.reload()
    await page.waitForFunction(() => 'player' in globalThis)
    await page.evaluate(async (a) => player.listen(await player.open(a.edgePublic, a.edgeAuth, a.protocol)), where)
    const heard = () => page.evaluate(() => player.seen)
    await eventually(async () => (await heard()).some(({ type }) => type === 'gateway.server_time'))
    await games.patch(game, { turns: { forceToken: 'one' } })
    await eventually(async () => (await heard()).some(({ type, turn }) => type === 'game.turn.started' && turn === 1))
    const answers = await page.evaluate(
      async (a) => {
        const opened = await player.open(a.edgePublic, a.edgeAuth, a.protocol)
        const report = await player.report(opened, a.game, 1)
        const stored = await player.submit(opened, a.game, 2)
        player.leave()
        return { report, stored }
      },
      { ...where, game },
    )
    expect(answers.report).toMatchObject({ raceName: 'Terrans', turn: 1 })
    expect(answers.stored).toEqual({ turn: 2, orders: [{ type: 'stance', raceName: 'Zerks', stance: 'peace' }] })
  })
})

describe('a page of another origin', () => {
  it('is not let in by the browser (abuse 10)', async () => {
    await using stranger = await servePage()
    const page = await (await browser.newContext()).newPage()
    await page.goto(stranger.origin)
    const outcome = await page.evaluate(
      async (url) =>
        fetch(`${url}/api/v1/public/keys`).then(
          () => 'read',
          () => 'refused',
        ),
      at.edgePublic,
    )
    expect(outcome).toBe('refused')
  })
})
