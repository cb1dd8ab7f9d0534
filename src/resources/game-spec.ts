import { z } from 'zod'
import { moment, upTo } from '../platform/kubernetes/fields.ts'
import { Quantity } from './quantity.ts'

const durationText = upTo(32).regex(/^([0-9]+(ms|s|m|h))+$/, 'must be a duration such as 30s, 15m or 720h')

const RunState = z.enum(['Running', 'Paused', 'Stopped'])

const Resources = z.object({
  requests: z.record(z.string(), Quantity).optional().meta({ description: 'What the engine is guaranteed.' }),
  limits: z.record(z.string(), Quantity).optional().meta({ description: 'What the engine may not exceed.' }),
})

const printable = [new RegExp(String.raw`^[^\x00-\x1f\x7f-\x9f]*$`), 'must not contain control characters'] as const

/** Stands in events, in mail and on terminals. */
const shownName = upTo(64)
  .min(1)
  .regex(...printable)

const EnvironmentVariable = z.object({
  name: upTo(253)
    .min(1)
    .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, 'must be an environment variable name')
    .meta({ description: 'Name of the variable.' }),
  value: upTo(32_768)
    .regex(new RegExp(String.raw`^[^\x00]*$`), 'must not contain NUL')
    .default('')
    .meta({ description: 'Value of the variable.' }),
})

const text = z.record(z.string(), upTo(262_144))
const passedOn = { 'x-kubernetes-preserve-unknown-fields': true }

const PodTemplate = z.object({
  labels: text.optional().meta({ description: 'Further labels, of those that the operator of the platform allows.' }),
  annotations: text
    .optional()
    .meta({ description: 'Further annotations, of those that the operator of the platform allows.' }),
  nodeSelector: text.optional().meta({ description: 'Labels of the nodes that may run the engine.' }),
  tolerations: z
    .array(z.record(z.string(), z.unknown()).meta(passedOn))
    .max(32)
    .optional()
    .meta({ description: 'Taints of nodes that the engine puts up with, as in a Pod.' }),
  affinity: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ ...passedOn, description: 'Where the engine would rather run, as in a Pod.' }),
  priorityClassName: upTo(253).optional().meta({ description: 'Class of priority of the engine.' }),
  imagePullSecrets: z
    .array(z.object({ name: upTo(253).min(1).meta({ description: 'Name of the Secret.' }) }))
    .max(16)
    .optional()
    .meta({ description: "Secrets of the Game's namespace that open the registry of its image, as in a Pod." }),
})

const Engine = z
  .object({
    version: upTo(128).min(1).optional().meta({
      description: 'Semantic version range over EngineVersion resources, as in "~1.0". Give this or image.',
    }),
    image: upTo(1024)
      .min(1)
      .regex(...printable)
      .optional()
      .meta({
        description:
          'Engine image to run; file:///path of an executable where engines are processes. Give this or version.',
      }),
    resources: Resources.optional().meta({ description: 'CPU and memory of the engine.' }),
    env: z
      .array(EnvironmentVariable)
      .max(64)
      .optional()
      .meta({
        description: 'Environment of the engine.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    podTemplate: PodTemplate.optional().meta({
      description: 'Where the engine runs and what its Pod carries. Used on clusters only.',
    }),
  })
  .meta({ description: 'Which engine runs the game, and with what.' })

const Storage = z
  .object({
    size: Quantity.optional().meta({ description: 'Size of the volume that holds the state of the game.' }),
    storageClassName: upTo(253).optional().meta({ description: 'Class of the volume. Fixed once initialised.' }),
    retain: z.enum(['Delete', 'Retain']).default('Delete').meta({
      description: 'What happens to the state of the game when the Game is deleted.',
    }),
  })
  .meta({ description: 'Where the state of the game is kept.' })

const Enrollment = z
  .object({
    visibility: z
      .enum(['Public', 'Private'])
      .default('Public')
      .meta({ description: 'Who sees the game in the lobby.' }),
    minPlayers: z.int().min(1).max(256).meta({ description: 'The game starts with at least so many players.' }),
    maxPlayers: z.int().min(1).max(256).meta({ description: 'The game takes at most so many players.' }),
    closesAt: moment.optional().meta({
      format: 'date-time',
      description: 'When enrollment ends.',
    }),
    startGap: z
      .object({
        hours: z.int().min(0).max(8760).optional().meta({ description: 'Wait so many hours.' }),
        players: z.int().min(0).max(256).optional().meta({ description: 'Wait for so many further players.' }),
      })
      .optional()
      .meta({ description: 'How long to wait for more players once minPlayers is reached.' }),
  })
  .meta({ description: 'How the lobby fills the game. Absent: spec.players is the whole game.' })

const Player = z.object({
  userId: shownName.meta({ description: 'Account of the player.' }),
  raceName: shownName.meta({ description: 'Name of the race the player commands.' }),
})

const Turns = z
  .object({
    schedule: upTo(128).min(1).optional().meta({
      description: 'Cron expression with five or six fields (six: seconds first). Absent: turns only by forceToken.',
    }),
    timeZone: upTo(64).min(1).default('UTC').meta({ description: 'IANA time zone of the schedule.' }),
    maxTurns: z.int().min(1).max(1_000_000).optional().meta({ description: 'The game finishes after so many turns.' }),
    catchUp: z.enum(['Skip', 'One']).default('One').meta({
      description: 'Turns missed while the platform was down: run one of them, or none.',
    }),
    forceToken: upTo(128).optional().meta({
      description: 'Change it to run one turn now; the next scheduled turn is skipped once.',
    }),
  })
  .meta({ description: 'When turns are generated.' })

export const GameSpec = z
  .object({
    displayName: shownName.optional().meta({ description: 'Name of the game as players see it.' }),
    runState: RunState.default('Running').meta({
      description: 'Running: turns are generated. Paused: the engine runs, no turns. Stopped: no engine, state kept.',
    }),
    engine: Engine,
    storage: Storage.optional(),
    enrollment: Enrollment.optional(),
    players: z
      .array(Player)
      .max(256)
      .optional()
      .meta({
        description: 'The roster. Fixed once the engine is initialised.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['raceName'],
      }),
    settings: z.record(z.string(), z.unknown()).optional().meta({
      description: 'Handed to the engine as it is. Fixed once the engine is initialised.',
      'x-kubernetes-preserve-unknown-fields': true,
    }),
    turns: Turns.optional(),
    hibernation: z
      .object({ idleAfter: durationText.meta({ description: 'Stop the engine after so long without a player.' }) })
      .optional()
      .meta({ description: 'Stops an idle engine, its state kept. Absent: never.' }),
    ttlAfterFinished: durationText.optional().meta({ description: 'Delete the Game so long after it has finished.' }),
  })
  .meta({ description: 'What the game should be.' })
export type GameSpec = z.infer<typeof GameSpec>
