import { createClient } from '@connectrpc/connect'
import { z } from 'zod'
import { EdgeGateway } from '../gen/galaxy/gateway/v1/gateway_pb.ts'
import { commands, type CommandType, type PayloadOf, type ResultOf } from '../messages/index.ts'
import { jsonOf } from './bytes.ts'
import { jitteredMs } from './clock.ts'
import { seal } from './envelope.ts'
import { CommandRefused, GatewayRefused } from './errors.ts'
import type { Gateway } from './gateway.ts'
import { openResponse } from './open-response.ts'
import { isClockTrouble, mayPass, neverRan, refusalOf } from './refusal.ts'

const Problem = z.looseObject({ code: z.string(), detail: z.string().default(''), status: z.number().optional() })

/** The longest that one attempt may take, so that a lost answer leaves time for another. */
const attemptMs = 10_000

export type ExecuteOptions = {
  /** How long all attempts together may take (30 s). */
  timeoutMs?: number
  signal?: AbortSignal
}

export type Execute = <Type extends CommandType>(
  type: Type,
  payload: PayloadOf<Type>,
  options?: ExecuteOptions,
) => Promise<ResultOf<Type>>

/**
 * Runs signed commands. What may be sent twice without harm is sent again while the gateway is in trouble and time is
 * left; every attempt has an id and a signature of its own.
 * @throws CommandRefused by the platform's rules, GatewayRefused (SignedOut), GatewayUntrusted
 */
export function createExecute({ transport, keys, clock, time, identity }: Gateway): Execute {
  const gateway = createClient(EdgeGateway, transport)

  return async (type, payload, { timeoutMs = 30_000, signal } = {}) => {
    const deadlineMs = clock.nowMs() + timeoutMs
    let clockCorrected = false
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt(type, payload, Math.min(attemptMs, deadlineMs - clock.nowMs()), signal)
      } catch (error) {
        if (!(error instanceof GatewayRefused) || signal?.aborted) throw error
        if (isClockTrouble(error) && error.serverTimeMs !== undefined && !clockCorrected) {
          time.learn(error.serverTimeMs)
          clockCorrected = true
          continue
        }
        if (!neverRan(error) && !(isRepeatable(type) && mayPass(error))) throw error
        const waitMs = (error.retryAfterMs ?? 0) + jitteredMs(failures, clock, 200, 3000)
        if (clock.nowMs() + waitMs >= deadlineMs) throw error
        await clock.sleep(waitMs, signal)
      }
    }
  }

  async function attempt<Type extends CommandType>(
    type: Type,
    payload: PayloadOf<Type>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Type>> {
    const signer = { ...identity.signedIn(), audience: await keys.audience(), nowMs: time.nowMs() }
    const procedure = '/galaxy.gateway.v1.EdgeGateway/ExecuteCommand'
    const sealed = await seal(signer, { procedure, messageType: type, payload })
    const response = await gateway
      .executeCommand(sealed.envelope, { timeoutMs, ...(signal ? { signal } : {}) })
      .catch((error: unknown) => {
        throw identity.heard(refusalOf(error))
      })
    const json = jsonOf(await openResponse(response, sealed, keys))
    if (response.resultCode !== 'ok') throw refused(response.resultCode, json)
    return resultOf(type, json)
  }
}

/** Reading changes nothing, and orders replace those before them. */
function isRepeatable(type: CommandType): boolean {
  return commands.get(type)?.method === 'GET' || type === 'game.orders.submit'
}

function resultOf<Type extends CommandType>(type: Type, json: unknown): ResultOf<Type> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by the schema that ResultOf is made from
  return commands.get(type)?.result.parse(json) as ResultOf<Type>
}

function refused(code: string, json: unknown): CommandRefused {
  const problem = Problem.safeParse(json)
  return new CommandRefused(problem.success ? { ...problem.data, code } : { code, detail: '' })
}
