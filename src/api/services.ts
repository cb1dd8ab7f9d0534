import { randomUUID } from 'node:crypto'
import type { DatabasePool } from 'slonik'
import { Agent } from 'undici'
import { createPlayerEngineClient } from '../engine-contract/index.ts'
import type { Clock } from '../platform/clock.ts'
import { createResourceClient, type KubeConfig } from '../platform/kubernetes/client.ts'
import { createInformer } from '../platform/kubernetes/informer.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Tracer } from '../platform/telemetry/index.ts'
import { gameKind } from '../resources/index.ts'
import { createAuthService } from './auth/index.ts'
import {
  createActivityReports,
  createControllerClient,
  createGameAnnouncer,
  createGamesService,
  createWakes,
} from './games/index.ts'
import { createMailWorker, createSmtpTransport, createTemplates, defaultMailPolicy, enqueueMail } from './mail/index.ts'
import { createPruner } from './pruner.ts'
import { createPushService, publishEvent } from './push/index.ts'
import type { Secrets } from './secrets.ts'
import { countSends } from './sends.ts'
import { createSessionsService, defaultSessionLimits } from './sessions/index.ts'
import type { ApiSettings } from './settings.ts'
import { createUsersService } from './users/index.ts'

export type ServicesNeeds = {
  settings: ApiSettings
  secrets: Secrets
  db: DatabasePool
  config: KubeConfig
  metrics: Metrics
  tracer: Tracer
  log: Log
  clock: Clock
}

export type Services = ReturnType<typeof createServices>

/**
 * The only place where services meet what they need. Nothing runs yet when this returns. The order is that of their needs:
 * push, geo, users, mail, sessions and auth, admin, lobby with race names, games, notifications. Of two that need each
 * other, the later one is handed to the earlier one as a function that is filled in here.
 */
export function createServices({ settings, secrets, db, config, metrics, tracer, log, clock }: ServicesNeeds) {
  const { database, mail, audience, controllerUrl, gameNamespace, shutdown } = settings
  const push = createPushService({ db, databaseUrl: database.url, clock, log, metrics })
  const users = createUsersService({ db })
  const { connections, perDomain, attemptMs, giveWayAfterMs } = mail
  const transport = createSmtpTransport({
    url: mail.smtpUrl,
    from: mail.from,
    deadlineMs: attemptMs,
    connections: connections.sign_in + connections.general,
  })
  const { send, drain: sends } = countSends(transport)
  const templates = createTemplates()
  const drainMs = Math.min(defaultMailPolicy.drainMs, shutdown.withinMs)
  const mailPolicy = { ...defaultMailPolicy, connections, perDomain, attemptMs, giveWayAfterMs, drainMs }
  const mailNeeds = { db, transport: { send }, templates, clock, log, metrics, tracer }
  const mailWorker = createMailWorker({ ...mailNeeds, settings: mailPolicy })
  const sessions = createSessionsService({ db, clock, limits: defaultSessionLimits, log })
  const auth = createAuthService({
    db,
    clock,
    newId: randomUUID,
    audience,
    codes: { peppers: secrets.peppers },
    sessions: defaultSessionLimits,
    enqueueMail,
    mailQueued: mailWorker.wake,
    log,
  })

  const pruner = createPruner({ forget: [auth.forgetOld, sessions.forgetEnded], log })

  const announcer = createGameAnnouncer({ db, publishEvent, clock, log, metrics })
  // Games are cached, users and sessions are not: what is revoked on one replica must be so on all at once.
  const gameCache = createInformer({ config, kind: gameKind, onChange: announcer.changed, log, resyncMs: 600_000 })
  const gameClient = createResourceClient(config, gameKind, { deadlineMs: 2000 })
  const dispatcher = new Agent({ connectTimeout: 2000, keepAliveTimeout: 10_000 })
  const { serviceToken } = secrets
  const hasController = controllerUrl !== undefined && serviceToken !== undefined
  const controller = hasController
    ? createControllerClient({ baseUrl: controllerUrl, serviceToken, dispatcher })
    : undefined
  const games = createGamesService({
    games: gameCache,
    fetchGame: gameClient.get,
    wake: createWakes({ controller, log }),
    called: createActivityReports({ controller, log }),
    engines: createPlayerEngineClient({ dispatcher }),
    namesOf: users.namesOf,
    namespace: gameNamespace,
    log,
  })

  const mailing = { mailWorker, transport, sends }
  return { users, sessions, auth, games, push, ...mailing, pruner, announcer, gameCache, dispatcher }
}
