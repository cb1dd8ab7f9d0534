/** `manifests/monitoring/dashboard.json`: the Grafana dashboard, out of a table of what each panel asks. */
export function dashboardText(): string {
  return `${JSON.stringify(dashboard(), null, 2)}\n`
}

type Query = { expr: string; legend: string }
type Panel = {
  title: string
  about: string
  unit: string
  queries: readonly Query[]
  stacked?: boolean
  stat?: boolean
}
const ours = 'job=~"galaxy-.*"'
const columns = 24

type Row = { title: string; panels: readonly Panel[] }

const rows: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      stat('Games', 'All Games there are.', 'sum(galaxy_games)'),
      stat('Failed', 'Games that do not come up by themselves soon.', 'sum(galaxy_games{phase="Failed"}) or vector(0)'),
      stat('Leaders', 'Controllers that work: one, or something is wrong.', 'sum(leader_election_master_status)'),
      stat('Turn lateness, p99', 'From due to complete.', quantileOf(0.99, 'galaxy_turn_lateness_seconds', '15m'), 's'),
      stat('Players listening', 'Open event streams.', 'sum(gateway_event_streams)'),
      stat('Oldest mail', 'How long it has waited to be sent.', 'max(galaxy_mail_oldest_waiting_seconds)', 's'),
    ],
  },
  {
    title: 'Games',
    panels: [
      {
        ...graph('Games by phase', 'Where the games are in their life.', 'none'),
        queries: [{ expr: 'sum by (phase) (galaxy_games)', legend: '{{phase}}' }],
        stacked: true,
      },
      quantiles('Turn lateness', 'From the moment a turn was due to its completion.', 'galaxy_turn_lateness_seconds'),
      quantiles('Turn duration', 'How long engines take to generate a turn.', 'galaxy_turn_duration_seconds'),
      {
        ...graph('Turns', 'Generated, and attempts that failed.', 'ops'),
        queries: [
          { expr: rateOf('galaxy_turn_duration_seconds_count'), legend: 'generated' },
          { expr: rateOf('galaxy_turn_failures_total'), legend: 'failed attempts' },
        ],
      },
      quantiles(
        'Time to ready',
        'From the creation of a Game to its first Ready.',
        'galaxy_game_time_to_ready_seconds',
      ),
      quantiles('Wake latency', 'From the reason to wake a sleeping engine to Ready.', 'galaxy_wake_seconds', 'cause'),
      {
        ...graph('Wakes', 'Calls to games that may sleep, by what they were answered.', 'ops'),
        queries: [{ expr: rateOf('galaxy_wake_calls_total', 'result'), legend: '{{result}}' }],
      },
      {
        ...graph('Engines', 'Started, and ended unasked.', 'ops'),
        queries: [
          { expr: rateOf('galaxy_engine_starts_total'), legend: 'started' },
          { expr: rateOf('galaxy_engine_restarts_total'), legend: 'ended unasked' },
        ],
      },
      {
        ...graph('Asleep', 'Games whose engine sleeps.', 'none'),
        queries: [{ expr: 'sum(galaxy_games_hibernated)', legend: 'hibernated' }],
      },
    ],
  },
  {
    title: 'Controller',
    panels: [
      {
        ...graph('Passes', 'Reconciliations by result.', 'ops'),
        queries: [{ expr: rateOf('controller_runtime_reconcile_total', 'result'), legend: '{{result}}' }],
        stacked: true,
      },
      {
        ...graph('Passes that fail', 'The platform under the games failed them.', 'ops'),
        queries: [
          { expr: rateOf('controller_runtime_reconcile_errors_total', 'controller'), legend: '{{controller}}' },
        ],
      },
      quantiles('How long a pass takes', 'By controller.', 'controller_runtime_reconcile_time_seconds', 'controller'),
      {
        ...graph('Queue', 'Objects that wait for a worker.', 'none'),
        queries: [{ expr: 'sum by (controller) (workqueue_depth)', legend: '{{controller}}' }],
      },
      quantiles('Wait in the queue', 'By controller.', 'workqueue_queue_duration_seconds', 'controller'),
      {
        ...graph('Workers', 'That reconcile now, of how many.', 'none'),
        queries: [
          { expr: 'sum by (controller) (controller_runtime_active_workers)', legend: '{{controller}}' },
          {
            expr: 'max by (controller) (controller_runtime_max_concurrent_reconciles)',
            legend: '{{controller}}, at most',
          },
        ],
      },
      {
        ...graph('Longest pass in progress', 'Grows for ever when a worker is stuck.', 's'),
        queries: [
          { expr: 'max by (controller) (workqueue_longest_running_processor_seconds)', legend: '{{controller}}' },
        ],
      },
      {
        ...graph('Leader', 'Which replica works.', 'none'),
        queries: [{ expr: 'leader_election_master_status', legend: '{{instance}}' }],
      },
    ],
  },
  {
    title: 'Players',
    panels: [
      {
        ...graph('Calls by code', 'A refusal by the rules is an OK.', 'reqps'),
        queries: [{ expr: rateOf('gateway_requests_total', 'code'), legend: '{{code}}' }],
        stacked: true,
      },
      {
        ...graph(
          'Calls that do not end well',
          'Unavailable, internal and late ones, as a share of all.',
          'percentunit',
        ),
        queries: [
          {
            expr: `sum by (code) (rate(gateway_requests_total{code=~"Unavailable|Internal|Unknown|DeadlineExceeded"}[5m])) / scalar(sum(rate(gateway_requests_total[5m])))`,
            legend: '{{code}}',
          },
        ],
      },
      {
        ...graph('Calls by message type', 'What players do.', 'reqps'),
        queries: [{ expr: rateOf('gateway_requests_total', 'message_type'), legend: '{{message_type}}' }],
      },
      quantiles('How long calls take', 'At the edge.', 'gateway_request_duration_seconds'),
      {
        ...graph('Event streams', 'Open ones, by edge.', 'none'),
        queries: [{ expr: 'sum by (instance) (gateway_event_streams)', legend: '{{instance}}' }],
      },
      {
        ...graph('Streams that the edge ended', 'By reason.', 'ops'),
        queries: [{ expr: rateOf('gateway_event_streams_ended_total', 'reason'), legend: '{{reason}}' }],
      },
      quantiles('Event lag', 'From an event’s commit to its arrival at the edge.', 'gateway_push_lag_seconds'),
      {
        ...graph('Push', 'Whether each edge has its stream from the api; gateways that the api counts.', 'none'),
        queries: [
          { expr: 'gateway_push_up', legend: 'up at {{instance}}' },
          { expr: 'sum(push_subscribers)', legend: 'counted by the api' },
        ],
      },
      {
        ...graph('Mail', 'Attempts to send, by how they ended.', 'ops'),
        queries: [{ expr: rateOf('galaxy_mail_deliveries_total', 'outcome'), legend: '{{outcome}}' }],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        ...graph('CPU', 'Seconds of CPU a second.', 'percentunit'),
        queries: [{ expr: `rate(process_cpu_seconds_total{${ours}}[5m])`, legend: '{{job}} {{instance}}' }],
      },
      {
        ...graph('Memory', 'Resident.', 'bytes'),
        queries: [{ expr: `process_resident_memory_bytes{${ours}}`, legend: '{{job}} {{instance}}' }],
      },
      {
        ...graph('Event loop lag, p99', 'Everything waits that long.', 's'),
        queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${ours}}`, legend: '{{job}} {{instance}}' }],
      },
    ],
  },
]

/** https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
function dashboard() {
  return {
    uid: 'galaxy',
    title: 'Galaxy',
    tags: ['galaxy'],
    editable: true,
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }] },
    panels: placed(),
  }
}

/** Rows from top to bottom, the panels of each from left to right, two graphs or six figures beside one another. */
function placed() {
  let y = 0
  let id = 0
  return rows.flatMap(({ title, panels }) => {
    const header = {
      id: (id += 1),
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    }
    y += 1
    let x = 0
    const below = panels.map((panel) => {
      const [w, h] = panel.stat ? [4, 4] : [12, 8]
      const gridPos = { x, y, w, h }
      x += w
      if (x >= columns) [x, y] = [0, y + h]
      return { id: (id += 1), ...drawn(panel), gridPos }
    })
    if (x > 0) y += 8
    return [header, ...below]
  })
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

function drawn({ title, about, unit, queries, stacked, stat }: Panel) {
  const custom = stacked ? { custom: { fillOpacity: 30, stacking: { mode: 'normal' } } } : {}
  return {
    type: stat ? 'stat' : 'timeseries',
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: { unit, min: 0, ...custom }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource,
      expr,
      legendFormat: legend,
    })),
  }
}

function stat(title: string, about: string, expr: string, unit = 'none'): Panel {
  return { title, about, unit, queries: [{ expr, legend: '' }], stat: true }
}

function graph(title: string, about: string, unit: string): Omit<Panel, 'queries'> {
  return { title, about, unit }
}

/** The median and the slowest in a hundred of a histogram of seconds. */
function quantiles(title: string, about: string, histogram: string, by?: string): Panel {
  const queries = [0.5, 0.99].map((quantile) => ({
    expr: quantileOf(quantile, histogram, '5m', by),
    legend: `p${quantile * 100}${by ? ` {{${by}}}` : ''}`,
  }))
  return { ...graph(title, about, 's'), queries }
}

function quantileOf(quantile: number, histogram: string, over: string, by?: string): string {
  return `histogram_quantile(${quantile}, sum by (${by ? `le, ${by}` : 'le'}) (rate(${histogram}_bucket[${over}])))`
}

function rateOf(counter: string, by?: string): string {
  return `sum${by ? ` by (${by})` : ''} (rate(${counter}[5m]))`
}
