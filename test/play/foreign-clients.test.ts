import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Envelope, type ForeignDevice, signIn } from '../support/foreign-device.ts'
import { eventually } from '../support/eventually.ts'
import { openGames } from '../support/games.ts'
import { type Platform, startPlatform } from '../support/platform.ts'
import { openGrpcGateway } from './grpc-client.ts'

const run = promisify(execFile)
const executeCommand = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
const subscribeEvents = '/galaxy.gateway.v1.EdgeGateway/SubscribeEvents'

const Account = z.object({ id: z.uuid(), email: z.string() })
const Addresses = z.object({ edgePublic: z.url(), edgeAuth: z.url(), mailbox: z.url() })

let platform: Platform
let at: z.infer<typeof Addresses>
let ada: ForeignDevice
let userId: string

beforeAll(async () => {
  platform = await startPlatform()
  at = Addresses.parse(platform.endpoints)
  ada = await signIn(at, 'ada@example.com')
  using gateway = openGrpcGateway(at.edgeAuth)
  const answer = await gateway.execute(ada.envelope(executeCommand, 'user.account.get', {}))
  userId = Account.parse(JSON.parse(answer.payloadBytes.toString())).id
  await using games = openGames(platform.kubeconfig)
  await games.create('duel', {
    players: [
      { userId, raceName: 'Terrans' },
      { userId: 'user-0', raceName: 'Zerks' },
    ],
  })
  await games.until('duel', ({ status: { turn, engine } }) => turn?.number === 0 && engine?.endpoint !== undefined)
})
afterAll(() => platform[Symbol.asyncDispose]())

/** What curl says to a Connect call in JSON. */
async function curl(procedure: string, { requestHash: _unsent, ...request }: Envelope) {
  const body = JSON.stringify(request, (_name, value: unknown) => {
    const bytes = z.object({ type: z.literal('Buffer'), data: z.array(z.int()) }).safeParse(value)
    return bytes.success ? Buffer.from(bytes.data.data).toString('base64') : value
  })
  const args = [
    '--silent',
    '--show-error',
    '--write-out',
    '\n%{http_code}',
    '--json',
    body,
    `${at.edgeAuth}${procedure}`,
  ]
  const { stdout } = await run('curl', args)
  const lines = stdout.split('\n')
  return { httpStatus: Number(lines.pop()), json: JSON.parse(lines.join('\n')) as Record<string, string> }
}

describe('a gRPC client of other people’s making', () => {
  it('has its signed command answered, signed for that request', async () => {
    using gateway = openGrpcGateway(at.edgeAuth)
    const request = ada.envelope(executeCommand, 'user.account.get', {})
    const answer = await gateway.execute(request)
    expect(answer.resultCode).toBe('ok')
    expect(Account.parse(JSON.parse(answer.payloadBytes.toString())).email).toBe('ada@example.com')
    expect(ada.verifyAnswer(answer, request)).toBe(true)
    expect(ada.verifyAnswer(answer, ada.envelope(executeCommand, 'user.account.get', {}))).toBe(false)
  })

  it('is told by code and reason why a command is refused', async () => {
    using gateway = openGrpcGateway(at.edgeAuth)
    const request = ada.envelope(executeCommand, 'user.account.get', {})
    await gateway.execute(request)
    const error = await gateway.execute(request).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: status.ALREADY_EXISTS })
    expect(JSON.stringify(error)).not.toContain('at ')
  })

  it('hears of a turn that was forced with kubectl, and fetches the report', async () => {
    using gateway = openGrpcGateway(at.edgeAuth)
    const stream = gateway.subscribe(ada.envelope(subscribeEvents, 'gateway.subscribe', {}))
    await eventually(() => stream.events.length > 0)
    expect(stream.events[0]?.eventType).toBe('gateway.server_time')
    const patch = '{"spec":{"turns":{"forceToken":"from-kubectl"}}}'
    await run('kubectl', ['patch', 'game', 'duel', '--type=merge', '-p', patch, '--kubeconfig', platform.kubeconfig])
    const isTurnOne = ({ eventType, payloadBytes }: { eventType: string; payloadBytes: Buffer }) =>
      eventType === 'game.turn.started' && JSON.parse(payloadBytes.toString()).turn === 1
    await eventually(() => stream.events.some(isTurnOne))
    expect(stream.events.map((event) => ada.verifyEvent(event))).not.toContain(false)
    stream.cancel()
    const report = await gateway.execute(ada.envelope(executeCommand, 'game.report.get', { game_id: 'duel', turn: 1 }))
    expect(report.resultCode).toBe('ok')
    expect(JSON.parse(report.payloadBytes.toString())).toMatchObject({ raceName: 'Terrans', turn: 1 })
  })
})

describe('curl', () => {
  it('speaks Connect in JSON', async () => {
    const request = ada.envelope(executeCommand, 'lobby.games.list_mine', {})
    const { httpStatus, json } = await curl(executeCommand, request)
    expect({ httpStatus, code: json['resultCode'] }).toEqual({ httpStatus: 200, code: 'ok' })
    const payload = Buffer.from(json['payloadBytes'] ?? '', 'base64')
    expect(JSON.parse(payload.toString())).toMatchObject({ games: [{ name: 'duel', race_name: 'Terrans' }] })
    const answer = {
      requestId: json['requestId'] ?? '',
      timestampMs: json['timestampMs'] ?? '',
      resultCode: json['resultCode'] ?? '',
      payloadBytes: payload,
      signature: Buffer.from(json['signature'] ?? '', 'base64'),
      keyId: json['keyId'] ?? '',
    }
    expect(ada.verifyAnswer(answer, request)).toBe(true)
  })

  it('is refused with the reason in google.rpc.ErrorInfo', async () => {
    const request = ada.envelope(executeCommand, 'user.account.get', {})
    const { httpStatus, json } = await curl(executeCommand, { ...request, messageType: 'user.account.delete' })
    expect(httpStatus).toBe(401)
    expect(json).toMatchObject({
      code: 'unauthenticated',
      details: [{ type: 'google.rpc.ErrorInfo', debug: { reason: 'invalid_signature', domain: 'galaxy.edge' } }],
    })
  })
})

describe('orders', () => {
  const submit = async (device: ForeignDevice, orders: readonly object[], turn = 2) => {
    using gateway = openGrpcGateway(at.edgeAuth)
    const payload = { game_id: 'duel', turn, orders }
    const answer = await gateway.execute(device.envelope(executeCommand, 'game.orders.submit', payload))
    return { code: answer.resultCode, body: JSON.parse(answer.payloadBytes.toString()) as Record<string, unknown> }
  }

  it('that the rules refuse are listed one by one', async () => {
    const { code, body } = await submit(ada, [
      { type: 'produce', planet: 99_999, production: { make: 'industry' } },
      { type: 'stance', raceName: 'Zerks', stance: 'peace' },
      { type: 'dance' },
    ])
    expect(code).toBe('invalid_orders')
    expect(body).toMatchObject({ status: 422, errors: [{ index: 0 }, { index: 2 }] })
  })

  it('that are accepted are stored', async () => {
    const { code, body } = await submit(ada, [{ type: 'stance', raceName: 'Zerks', stance: 'peace' }])
    expect({ code, body }).toEqual({
      code: 'ok',
      body: { turn: 2, orders: [{ type: 'stance', raceName: 'Zerks', stance: 'peace' }] },
    })
  })

  it('by somebody who is not in the roster find no game', async () => {
    const eve = await signIn(at, 'eve@example.com')
    const { code, body } = await submit(eve, [{ type: 'stance', raceName: 'Zerks', stance: 'peace' }])
    expect({ code, status: body['status'] }).toEqual({ code: 'game_not_found', status: 404 })
    using gateway = openGrpcGateway(at.edgeAuth)
    const unknown = await gateway.execute(eve.envelope(executeCommand, 'game.info.get', { game_id: 'no-such-game' }))
    expect(unknown.resultCode).toBe('game_not_found')
  })
})

describe('a signed-out device', () => {
  it('loses its stream and its commands at once (abuse 32, 33)', async () => {
    using gateway = openGrpcGateway(at.edgeAuth)
    const other = await signIn(at, 'grace@example.com')
    const stream = gateway.subscribe(other.envelope(subscribeEvents, 'gateway.subscribe', {}))
    await eventually(() => stream.events.length > 0)
    await gateway.execute(other.envelope(executeCommand, 'user.sessions.logout', {}))
    await expect(stream.ended).resolves.toMatchObject({ code: status.FAILED_PRECONDITION })
    const after = gateway.execute(other.envelope(executeCommand, 'user.account.get', {}))
    await expect(after).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
  })
})
