import { z } from 'zod'
import { moment } from '../platform/kubernetes/fields.ts'
import { Condition } from '../platform/kubernetes/objects.ts'

export const GamePhase = z.enum([
  'Pending',
  'Pulling',
  'Starting',
  'Initializing',
  'Running',
  'Hibernated',
  'Paused',
  'Stopping',
  'Stopped',
  'Finished',
  'Failed',
])
export type GamePhase = z.infer<typeof GamePhase>

export const Conditions = z
  .array(Condition)
  .max(32)
  .meta({
    description: 'Standard conditions.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })

const EngineState = z
  .object({
    version: z.string().optional().meta({ description: 'Pinned EngineVersion; absent with spec.engine.image.' }),
    image: z.string().optional().meta({ description: 'Image that the engine was started from.' }),
    imageDigest: z.string().optional().meta({ description: 'Digest that the image resolved to.' }),
    runtime: z.string().optional().meta({ description: 'Driver that runs the engine.' }),
    ref: z.string().optional().meta({ description: 'Name of the running engine within its driver.' }),
    endpoint: z.string().optional().meta({ description: 'Base URL of the engine.' }),
    startedAt: moment.optional().meta({ description: 'When the engine was started.' }),
    restarts: z.int().min(0).default(0).meta({ description: 'Unexpected ends of the engine that were repaired.' }),
    epoch: z.int().min(0).default(0).meta({ description: 'Fencing number of the newest engine started.' }),
    failures: z.int().min(0).default(0).meta({ description: 'Starts that failed in a row; none once one is ready.' }),
    crashes: z.int().min(0).default(0).meta({
      description: 'Engines in a row that failed after they had been ready; none once one has run for a while.',
    }),
    lastFailureAt: moment.optional().meta({ description: 'When one last failed; the next start waits from here.' }),
    turnedAway: z
      .object({
        times: z.int().min(0).meta({ description: 'Starts in a row that no machine would have.' }),
        evictions: z.int().min(0).default(0).meta({
          description: 'Engines in a row that were evicted after they had been ready.',
        }),
        epoch: z.int().min(0).meta({ description: 'The last of them.' }),
        at: moment.meta({ description: 'When that was seen; the next start waits from here.' }),
        why: z.string().meta({ description: 'In the words of the machine.' }),
      })
      .optional()
      .meta({ description: 'A machine would not have the engine: no failure, but the next start waits.' }),
  })
  .meta({ description: 'The engine as it runs.' })

const TurnState = z
  .object({
    number: z.int().min(0).default(0).meta({ description: 'Last complete turn.' }),
    lastAt: moment.optional().meta({ description: 'When the last turn was complete.' }),
    nextAt: moment.nullish().meta({ description: 'When the next turn runs; absent when none is planned.' }),
    lastDurationMs: z.int().min(0).optional().meta({ description: 'How long the last turn took.' }),
    running: z.int().min(1).nullish().meta({ description: 'Turn being generated.' }),
    skipNext: z.boolean().default(false).meta({ description: 'The next scheduled turn is skipped once.' }),
    skipAt: moment.nullish().meta({ description: 'When the scheduled turn that is skipped would have run.' }),
    lastError: z.string().nullish().meta({ description: 'Why the last attempt failed; absent when it did not.' }),
    attempts: z.int().min(0).default(0).meta({ description: 'Failed attempts at the turn that is due.' }),
    failedTurns: z.int().min(0).default(0).meta({ description: 'Due turns given up in a row.' }),
    lastAttemptAt: moment.nullish().meta({ description: 'When an attempt last failed.' }),
    forceToken: z.string().nullish().meta({ description: 'The forceToken that was last acted upon; null: none yet.' }),
    forceTurn: z.string().optional().meta({
      description: 'The value of the annotation galaxy.dev/force-turn that was last acted upon; absent: none yet.',
    }),
  })
  .meta({ description: 'Where the turns stand.' })

export const GameStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().meta({ description: 'Generation of the spec this status is about.' }),
    phase: GamePhase.optional().meta({ description: 'Summary of where the game is in its life.' }),
    conditions: Conditions.optional(),
    engine: EngineState.optional(),
    turn: TurnState.optional(),
    hibernation: z
      .object({
        wake: z.string().nullish().meta({
          description: 'The value of the annotation galaxy.dev/wake that was last acted upon; null: none yet.',
        }),
        wokenAt: moment.optional().meta({ description: 'When that was; the idle time counts from here.' }),
      })
      .optional()
      .meta({ description: 'Who has asked for the engine to be awake.' }),
    players: z
      .object({
        count: z.int().min(0).meta({ description: 'Players in the roster.' }),
        eliminated: z.int().min(0).meta({ description: 'Players out of the game.' }),
      })
      .optional()
      .meta({ description: 'The roster in numbers.' }),
    registeredAt: moment.optional().meta({ description: 'When the lobby registered the runtime and turns began.' }),
    finishedAt: moment.optional().meta({ description: 'When the game finished.' }),
    result: z.record(z.string(), z.unknown()).optional().meta({
      description: 'Result as the engine reported it.',
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  })
  .meta({ description: 'What the game is.' })
export type GameStatus = z.infer<typeof GameStatus>
export type EngineState = z.infer<typeof EngineState>
export type TurnState = z.infer<typeof TurnState>
