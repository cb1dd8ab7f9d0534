import { z } from 'zod'
import { announcerMetrics } from '../src/api/games/metrics.ts'
import { mailMetrics } from '../src/api/mail/metrics.ts'
import { pushMetrics } from '../src/api/push/metrics.ts'
import { createGameMetrics, defaultPolicy, silenceMetrics } from '../src/controllers/game/index.ts'
import { wakeMetrics } from '../src/controllers/internal-api/metrics.ts'
import { controllerMetrics, electionMetrics, queueMetrics } from '../src/controllers/operator/metrics.ts'
import { overloadMetrics, replayMetrics } from '../src/edge/envelope/index.ts'
import { measureCalls } from '../src/edge/measure.ts'
import { hubMetrics, pushClientMetrics } from '../src/edge/push/metrics.ts'
import { requestDuration } from '../src/platform/http-metrics.ts'
import { logMetrics } from '../src/platform/log-metrics.ts'
import { createMetrics, type Metrics } from '../src/platform/metrics.ts'
import { table } from './markdown.ts'

const now = () => new Date(0)

/** What registers the metrics of each process. */
const processes: Readonly<Record<string, readonly ((metrics: Metrics) => unknown)[]>> = {
  controller: [
    (metrics) => createGameMetrics(metrics, now),
    (metrics) => silenceMetrics(metrics, defaultPolicy, () => undefined),
    controllerMetrics,
    queueMetrics,
    electionMetrics,
    wakeMetrics,
    requestDuration,
    (metrics) => logMetrics(metrics),
  ],
  api: [
    announcerMetrics,
    pushMetrics,
    (metrics) =>
      mailMetrics(metrics, { oldestWaiting: async () => null, circuitOpen: () => false, inProgress: () => [], now }),
    requestDuration,
    (metrics) => logMetrics(metrics),
  ],
  edge: [
    measureCalls,
    overloadMetrics,
    replayMetrics,
    hubMetrics,
    pushClientMetrics,
    requestDuration,
    (metrics) => logMetrics(metrics),
  ],
}

const Family = z.looseObject({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  labelNames: z.array(z.string()).readonly(),
  upperBounds: z.array(z.number()).readonly().optional(),
})

/** `docs/metrics.md`: the metrics of each process, as its code makes them. */
export function metricsPage(): string {
  const sections = Object.keys(processes).map((process) => `## ${process}\n\n${tableOf(process)}`)
  return `<!-- Generated from src by make generate. -->

# Metrics

Each process tells them on its metrics listener (\`BACKEND_METRICS_ADDR\`, \`GATEWAY_ADMIN_HTTP_ADDR\`,
\`CONTROLLER_METRICS_ADDR\`: \`GET /metrics\`), and those of Node.js itself (\`process_*\`, \`nodejs_*\`). Histograms also have
\`_bucket\`, \`_sum\` and \`_count\`. Metrics of work queues, reconciliation and leader election are called as controller-runtime
calls them, so that its dashboards fit.

${sections.join('\n')}`
}

/** The names of the metrics of a process. */
export function metricNames(process: string): string[] {
  return familiesOf(process).map(({ name }) => name)
}

function tableOf(process: string): string {
  const rows = familiesOf(process).map(({ name, type, labelNames, upperBounds, help }) => [
    `\`${name}\``,
    type,
    labelNames.map((label) => `\`${label}\``).join(', '),
    meaning(help, upperBounds),
  ])
  return table(['metric', 'type', 'labels', 'meaning'], rows)
}

function familiesOf(process: string) {
  const metrics = createMetrics({ runtime: false })
  for (const register of processes[process] ?? []) register(metrics)
  return z
    .array(Family)
    .parse(metrics.getMetricsAsArray())
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function meaning(help: string, bounds: readonly number[] | undefined): string {
  const said = help.replace(/\.?$/, '.')
  if (!bounds) return said
  return `${said} Buckets up to ${bounds.length > 14 ? `${bounds[0]} … ${bounds.at(-1)}` : bounds.join(', ')}.`
}
