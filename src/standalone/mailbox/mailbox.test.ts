import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../platform/log.ts'
import { startMailbox } from './index.ts'

type Shown = {
  id: string
  to: string
  from: string
  subject: string
  text: string
  html: string | null
  receivedAt: string
}

const any = { host: '127.0.0.1', port: 0 }
const now = new Date('2026-03-01T12:00:00Z')

async function aFolder(): Promise<AsyncDisposable & { dir: string }> {
  const root = await mkdtemp(join(tmpdir(), 'galaxy-mailbox-'))
  return { dir: join(root, 'mail'), [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

async function aMailbox(dir: string) {
  const mailbox = await startMailbox({ smtp: any, http: any, dir, clock: { now: () => now }, log: silentLog })
  const transport = createTransport(mailbox.smtpUrl)
  const fetchText = async (path: string) => (await fetch(mailbox.url + path)).text()
  return {
    ...mailbox,
    send: (mail: object) => transport.sendMail({ from: 'Galaxy <no-reply@galaxy.test>', text: 'hello', ...mail }),
    messages: async (query = ''): Promise<Shown[]> => JSON.parse(await fetchText(`/api/messages${query}`)),
    fetchText,
    [Symbol.asyncDispose]: mailbox[Symbol.asyncDispose],
  }
}

describe('the mailbox', () => {
  it('shows programs what was sent', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    await mailbox.send({
      to: 'ada@example.org',
      subject: 'Grüße',
      text: 'Your code:\n\n40718256\n',
      html: '<b>40718256</b>',
    })
    expect(await mailbox.messages()).toEqual([
      {
        id: expect.any(String),
        to: 'ada@example.org',
        from: '"Galaxy" <no-reply@galaxy.test>',
        subject: 'Grüße',
        text: expect.stringContaining('40718256'),
        html: expect.stringContaining('<b>40718256</b>'),
        receivedAt: '2026-03-01T12:00:00.000Z',
      },
    ])
  })

  it('finds the mail to an address in whichever case, newest first', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    for (const subject of ['first', 'second']) await mailbox.send({ to: 'Ada@Example.org', subject })
    await mailbox.send({ to: 'bob@example.org, cyd@bücher.example', subject: 'third' })
    const subjects = async (query: string) => (await mailbox.messages(query)).map(({ subject }) => subject)
    expect(await subjects('?to=ada@EXAMPLE.org')).toEqual(['second', 'first'])
    expect(await subjects('?to=bob@example.org')).toEqual(['third'])
    expect(await subjects('?to=cyd@xn--bcher-kva.example')).toEqual(['third'])
    expect(await subjects('?to=example.org')).toEqual([])
    expect(await subjects('')).toEqual(['third', 'third', 'second', 'first'])
  })

  it('keeps mail over a restart, half-written files and strangers notwithstanding', async () => {
    await using folder = await aFolder()
    {
      await using mailbox = await aMailbox(folder.dir)
      for (const subject of ['first', 'second']) await mailbox.send({ to: 'ada@example.org', subject })
    }
    await writeFile(join(folder.dir, '1.json.x.tmp'), '{')
    await writeFile(join(folder.dir, 'odd.json'), '{}')
    await using mailbox = await aMailbox(folder.dir)
    await mailbox.send({ to: 'ada@example.org', subject: 'third' })
    expect((await mailbox.messages()).map(({ subject }) => subject)).toEqual(['third', 'second', 'first'])
    expect((await readdir(folder.dir)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('keeps the newest thousand', async () => {
    await using folder = await aFolder()
    {
      await using mailbox = await aMailbox(folder.dir)
      await mailbox.send({ to: 'ada@example.org', subject: 'oldest' })
    }
    const [first = ''] = await readdir(folder.dir)
    const filler = { to: 'b@example.org', from: '', subject: 's', text: '', html: null, receivedAt: now.toISOString() }
    for (let n = 1; n < 1_000; n++) {
      const id = String(Number(first.replace('.json', '')) + n)
      await writeFile(join(folder.dir, `${id}.json`), JSON.stringify({ id, ...filler }))
    }
    await using mailbox = await aMailbox(folder.dir)
    await mailbox.send({ to: 'ada@example.org', subject: 'newest' })
    expect((await mailbox.messages('?to=ada@example.org')).map(({ subject }) => subject)).toEqual(['newest'])
    expect(await mailbox.messages()).toHaveLength(1_000)
    expect(await readdir(folder.dir)).toHaveLength(1_000)
  })

  it('forgets everything when asked to', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    await mailbox.send({ to: 'ada@example.org' })
    expect((await fetch(`${mailbox.url}/api/messages`, { method: 'DELETE' })).status).toBe(204)
    expect(await mailbox.messages()).toEqual([])
    expect(await readdir(folder.dir)).toEqual([])
  })

  it('does not acknowledge what it cannot keep', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    await rm(folder.dir, { recursive: true })
    await expect(mailbox.send({ to: 'ada@example.org' })).rejects.toMatchObject({ responseCode: 451 })
  })

  it('refuses a mail of more than a megabyte, and takes the next', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    await expect(mailbox.send({ to: 'ada@example.org', text: 'x\n'.repeat(600_000) })).rejects.toMatchObject({
      responseCode: 552,
    })
    await mailbox.send({ to: 'ada@example.org' })
    expect(await mailbox.messages()).toHaveLength(1)
  })

  it('is healthy', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    expect((await fetch(`${mailbox.url}/healthz`)).status).toBe(200)
  })
})

describe("the mailbox's page", () => {
  it('shows what strangers wrote as text, and their HTML in a sandbox only', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    const evil = '<script>alert(1)</script>'
    await mailbox.send({ from: '"<i>x" <x@y.z>', to: 'ada@example.org', subject: evil, text: evil, html: evil })
    const [{ id } = { id: '' }] = await mailbox.messages()
    for (const path of ['/', `/messages/${id}`]) {
      const page = await fetch(mailbox.url + path)
      const html = await page.text()
      expect(html).toContain('&lt;script&gt;alert(1)')
      expect(html).not.toContain('<script')
      expect(html).not.toContain('<i>')
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect(await mailbox.fetchText(`/messages/${id}`)).toContain(`<iframe sandbox `)
    const framed = await fetch(`${mailbox.url}/messages/${id}/html`)
    expect(await framed.text()).toContain(evil)
    expect(framed.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  })

  it('lists the mail to one address, and says when there is none', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    expect(await mailbox.fetchText('/')).toContain('No mail yet')
    await mailbox.send({ to: 'ada@example.org', subject: 'for Ada' })
    expect(await mailbox.fetchText('/?to=ada@example.org')).toContain('for Ada')
    expect(await mailbox.fetchText('/?to=bob@example.org')).not.toContain('for Ada')
    expect((await fetch(`${mailbox.url}/messages/0`)).status).toBe(404)
  })

  it.each([
    { host: 'evil.example', status: 403 },
    { host: '127.0.0.1.evil.example', status: 403 },
    { host: 'localhost:8087', status: 200 },
    { host: '[::1]:8087', status: 200 },
  ])('answers $status to a browser that came as $host', async ({ host, status }) => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    for (const path of ['/', '/api/messages', '/style.css']) {
      const [response] = await once(get(mailbox.url + path, { headers: { host } }), 'response')
      await text(response)
      expect(response.statusCode).toBe(status)
    }
  })
})

describe('a port that is taken', () => {
  it('is named', async () => {
    await using folder = await aFolder()
    await using mailbox = await aMailbox(folder.dir)
    const smtp = { host: '127.0.0.1', port: Number(new URL(mailbox.smtpUrl).port) }
    const second = startMailbox({ smtp, http: any, dir: folder.dir, clock: { now: () => now }, log: silentLog })
    await expect(second).rejects.toThrow(`cannot listen on 127.0.0.1:${smtp.port}`)
  })
})
