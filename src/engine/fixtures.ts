import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { epochHeader, gameHeader } from '../engine-contract/model.ts'
import { silentLog } from '../platform/log.ts'
import { type EngineOptions, startEngine } from './engine.ts'
import { readEngineSettings } from './settings.ts'

/** For tests: a state directory of one's own. */
export async function temporaryDir(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'galaxy-engine-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

type StartOptions = Partial<EngineOptions> & { dir: string; epoch?: number }

/** For tests: an engine behind a real listener. */
export async function startTestEngine({ dir, epoch = 0, ...options }: StartOptions) {
  const settings = readEngineSettings({
    GALAXY_STATE_DIR: dir,
    GALAXY_ENGINE_HOST: '127.0.0.1',
    GALAXY_ENGINE_PORT: '0',
    GALAXY_ENGINE_EPOCH: String(epoch),
  })
  const engine = await startEngine({ settings, log: silentLog, onStale: () => undefined, ...options })
  return { ...callsOf(engine.url), url: engine.url, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() }
}

export type Answer = { status: number; text: string; json: Record<string, unknown> }
export type EngineCalls = ReturnType<typeof callsOf>

/** The calls of the contract, each under the given epoch. */
export function callsOf(url: string) {
  const raceQuery = (raceName: string, turn?: number) =>
    `raceName=${encodeURIComponent(raceName)}${turn === undefined ? '' : `&turn=${turn}`}`
  return {
    call,
    status: (epoch = 1) => call('GET', '/admin/status', undefined, epoch),
    init: (body: unknown, epoch = 1) => call('POST', '/admin/init', body, epoch),
    turn: (turn: number, epoch = 1) => call('PUT', '/admin/turn', { turn }, epoch),
    banish: (raceName: string, epoch = 1) => call('POST', '/admin/banish', { raceName }, epoch),
    order: (raceName: string, turn: number, orders: readonly unknown[], epoch = 1) =>
      call('PUT', '/orders', { raceName, turn, orders }, epoch),
    orders: (raceName: string, turn?: number) => call('GET', `/orders?${raceQuery(raceName, turn)}`),
    report: (raceName: string, turn?: number) => call('GET', `/report?${raceQuery(raceName, turn)}`),
  }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    epoch?: number | string,
    gameId?: string,
  ): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(epoch === undefined ? {} : { [epochHeader]: String(epoch) }),
        ...(gameId === undefined ? {} : { [gameHeader]: gameId }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    const json: unknown = JSON.parse(text)
    return { status: response.status, text, json: typeof json === 'object' && json ? { ...json } : {} }
  }
}

export function initBody(
  raceNames: readonly string[] = ['Terrans', 'Vegans'],
  settings: object = { size: 'tiny', seed: 1 },
) {
  return { gameId: 'g1', players: raceNames.map((raceName, index) => ({ userId: `u${index}`, raceName })), settings }
}
