import { once } from 'node:events'
import { createServer } from 'node:http'
import { pino } from 'pino'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { createEngineClient } from '../../engine-contract/index.ts'
import { systemClock } from '../../platform/clock.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { recordSpans, treeBelow } from '../../platform/telemetry/fixtures.ts'
import { traceFieldsFromContext } from '../../platform/telemetry/index.ts'
import type { Host } from '../hosts/index.ts'
import { createController } from '../operator/index.ts'
import type { Action } from './action.ts'
import { type ApplyPorts, createApply } from './apply.ts'
import { aReadyGame, noon } from './fixtures.ts'

const key = { namespace: 'default', name: 'andromeda' }

/** An engine that stands at turn 5, whatever it is told. */
async function anEngine() {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end('{"initialized":true,"turn":5,"finished":false,"players":[]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return { ref: 'process/7', endpoint, epoch: 1, gameId: 'uid-1', [Symbol.dispose]: () => void server.close() }
}

/** One pass of a controller that does these actions, and then fails. */
async function pass(actions: readonly Action[]) {
  const { tracer, spans } = recordSpans('galaxy-controller')
  const lines: Record<string, unknown>[] = []
  const log = pino({ mixin: traceFieldsFromContext }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const dispatcher = new Agent()
  const host: Partial<Host> = { pull: async () => ({ imageDigest: 'sha256:1' }) }
  const ports: Partial<ApplyPorts> = {
    host: host as Host,
    engines: createEngineClient({ dispatcher }),
    limits: { callTimeoutMs: 5000, turnTimeoutMs: 5000, stopGraceMs: 0 },
    now: () => noon,
  }
  const apply = createApply(ports as ApplyPorts)
  const stop = new AbortController()
  const reconcile = async (_key: object, signal: AbortSignal) => {
    for (const action of actions) await apply(aReadyGame(), action, signal)
    setImmediate(() => stop.abort())
    throw new Error('the end')
  }
  const metrics = createMetrics({ runtime: false })
  const controller = createController({ name: 'game', workers: 1, reconcile, metrics, tracer, log, clock: systemClock })
  await controller.run(stop.signal, () => [key])
  await dispatcher.destroy()
  return { spans, lines }
}

describe('a pass over a game', () => {
  it('is a tree from the object over each action to each call of the engine', async () => {
    using engine = await anEngine()
    const { spans } = await pass([
      { do: 'pull', image: 'engine:1' },
      { do: 'awaitHealthy', engine, deadline: new Date(noon.getTime() + 1000) },
      { do: 'runTurn', engine, turn: 5, dueAt: undefined },
    ])
    expect(treeBelow(spans, undefined)).toEqual({
      'reconcile game': {
        'action pull': {},
        'action awaitHealthy': {},
        'action runTurn': { 'engine PUT /admin/turn': {}, 'engine GET /admin/status': {} },
      },
    })
    const attributesOf = (name: string) => spans.find((span) => span.name === name)?.attributes
    expect(attributesOf('action runTurn')).toEqual({ 'galaxy.turn': 5 })
    expect(attributesOf('reconcile game')).toEqual({
      'k8s.namespace.name': 'default',
      'galaxy.object': 'andromeda',
      'galaxy.result': 'error',
    })
  })

  it('names its span in the lines that it writes', async () => {
    const { spans, lines } = await pass([])
    const [root] = spans
    expect(lines).toMatchObject([
      { key: 'default/andromeda', otel_trace_id: root?.traceId, otel_span_id: root?.spanId },
    ])
  })
})
