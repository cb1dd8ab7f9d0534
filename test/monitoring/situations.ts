/** A metric's samples, one a minute, in promtool's notation: `1x30` is a 1 that stays for half an hour. */
export type Series = Readonly<Record<string, string>>

export type Situation = {
  /** What is the matter. */
  name: string
  /** What differs from a platform that is well: other samples for its series, or further series. */
  series: Series
  /** The alerts that fire then, and no others do. */
  fires: readonly string[]
}

const leads = 'leader_election_master_status{job="galaxy-controller",instance="a"}'
const waits = 'leader_election_master_status{job="galaxy-controller",instance="b"}'
const passes = 'controller_runtime_reconcile_total{job="galaxy-controller",controller="game"}'
const failedPasses = 'controller_runtime_reconcile_errors_total{job="galaxy-controller",controller="game"}'
const depth = 'workqueue_depth{job="galaxy-controller",controller="game"}'
const longest = 'workqueue_longest_running_processor_seconds{job="galaxy-controller",controller="game"}'
const requests = (procedure: string, code: string) =>
  `gateway_requests_total{job="galaxy-edge",procedure="${procedure}",code="${code}"}`
const wakeCalls = (result: string) => `galaxy_wake_calls_total{result="${result}"}`
const calls = (code: string) => requests('ExecuteCommand', code)

/** Of a histogram: `quick` observations a minute below `bound`, and `slow` ones above. */
function histogram(name: string, bound: number, { quick = 0, slow = 0 }, labels = ''): Series {
  return {
    [`${name}_bucket{le="${bound}"${labels}}`]: `0+${quick}x60`,
    [`${name}_bucket{le="600"${labels}}`]: `0+${quick + slow}x60`,
    [`${name}_bucket{le="+Inf"${labels}}`]: `0+${quick + slow}x60`,
  }
}

/** Busy, and nothing is wrong. */
const well: Series = {
  'up{job="galaxy-controller",instance="a"}': '1x60',
  'up{job="galaxy-controller",instance="b"}': '1x60',
  'up{job="galaxy-api",instance="c"}': '1x60',
  'up{job="galaxy-edge",instance="d"}': '1x60',
  [leads]: '1x60',
  [waits]: '0x60',
  [passes]: '0+100x60',
  [failedPasses]: '0+1x60',
  [depth]: '3x60',
  [longest]: '2x60',
  'galaxy_games{phase="Running"}': '90x60',
  'galaxy_games{phase="Starting"}': '3x60',
  galaxy_turn_failures_total: '0x60',
  galaxy_engine_restarts_total: '0x60',
  galaxy_engines_unreachable: '1x60',
  galaxy_engine_replacement_held: '0x60',
  galaxy_games_unreadable: '0x60',
  galaxy_namespaces_refusing: '0x60',
  ...histogram('galaxy_turn_lateness_seconds', 1, { quick: 100 }),
  ...histogram('galaxy_game_time_to_ready_seconds', 5, { quick: 10 }),
  ...histogram('galaxy_wake_seconds', 1, { quick: 10 }, ',cause="call"'),
  [wakeCalls('ready')]: '0+10x60',
  [wakeCalls('wake_timeout')]: '0x60',
  ...histogram('gateway_request_duration_seconds', 0.1, { quick: 1000 }),
  ...histogram('gateway_push_lag_seconds', 0.1, { quick: 100 }),
  [calls('OK')]: '0+1000x60',
  [calls('Unavailable')]: '0+1x60',
  [calls('Internal')]: '0x60',
  'gateway_push_up{instance="d"}': '1x60',
  'gateway_replay_store_up{instance="d"}': '1x60',
  'gateway_calls_shed_total{instance="d"}': '0x60',
  galaxy_mail_oldest_waiting_seconds: '2x60',
  galaxy_mail_circuit_open: '0x60',
}

/** All series of a situation: those of a platform that is well, with what differs. */
export function seriesOf({ series }: Situation): Series {
  return { ...well, ...series }
}

export const situations: readonly Situation[] = [
  { name: 'nothing is wrong', series: {}, fires: [] },
  {
    name: 'one of two controllers is away',
    series: { 'up{job="galaxy-controller",instance="b"}': '0x60', [waits]: '_x60' },
    fires: [],
  },
  {
    name: 'all controllers are away',
    series: {
      'up{job="galaxy-controller",instance="a"}': '0x60',
      'up{job="galaxy-controller",instance="b"}': '0x60',
      [leads]: '_x60',
      [waits]: '_x60',
    },
    fires: ['GalaxyControllerDown'],
  },
  { name: 'no controller leads', series: { [leads]: '0x60' }, fires: ['GalaxyNoLeader'] },
  { name: 'the lease changes hands', series: { [leads]: '1x40 0x20', [waits]: '0x40 1x20' }, fires: [] },
  { name: 'two controllers lead', series: { [waits]: '1x60' }, fires: ['GalaxyTwoLeaders'] },
  { name: 'passes fail', series: { [failedPasses]: '0+20x60' }, fires: ['GalaxyReconcileErrors'] },
  { name: 'the queue is long', series: { [depth]: '80x60' }, fires: ['GalaxyQueueNotDraining'] },
  {
    name: 'each of two replicas tells of less than a long queue',
    series: { [depth]: '40x60', 'workqueue_depth{job="galaxy-controller",controller="game",instance="b"}': '40x60' },
    fires: [],
  },
  { name: 'a thousand Games are applied, and taken care of', series: { [depth]: '3x50 900x5 2x5' }, fires: [] },
  { name: 'a pass hangs', series: { [longest]: '0+60x60' }, fires: ['GalaxyWorkerStuck'] },
  {
    name: 'turns are late',
    series: histogram('galaxy_turn_lateness_seconds', 1, { quick: 95, slow: 5 }),
    fires: ['GalaxyTurnsLate'],
  },
  { name: 'turns fail', series: { galaxy_turn_failures_total: '0x50 0+1x10' }, fires: ['GalaxyTurnsFail'] },
  { name: 'a game has failed', series: { 'galaxy_games{phase="Failed"}': '1x60' }, fires: ['GalaxyGamesFailed'] },
  {
    name: 'a game fails again after each attempt',
    series: { 'galaxy_games{phase="Failed"}': `0x20${' 1x4 0'.repeat(8)}` },
    fires: ['GalaxyGamesFailed'],
  },
  {
    name: 'a game failed and came up again',
    series: { 'galaxy_games{phase="Failed"}': '0x50 1x5 0x5' },
    fires: [],
  },
  {
    name: 'games do not get to run',
    series: { 'galaxy_games{phase="Starting"}': '30x60' },
    fires: ['GalaxyGamesNotStarting'],
  },
  {
    name: 'engines end unasked',
    series: { galaxy_engine_restarts_total: '0+1x60' },
    fires: ['GalaxyEnginesCrashLooping'],
  },
  {
    name: 'the controller does not reach the engines',
    series: { galaxy_engines_unreachable: '0x40 90x20', galaxy_engine_replacement_held: '0x40 1x20' },
    fires: ['GalaxyEnginesUnreachable'],
  },
  {
    name: 'an earlier version cannot read what a later one has stored',
    series: { galaxy_games_unreadable: '0x40 2x20' },
    fires: ['GalaxyGamesUnreadable'],
  },
  {
    name: 'an earlier version is there for as long as an update takes',
    series: { galaxy_games_unreadable: '0x40 2x3 0x17' },
    fires: [],
  },
  {
    name: 'a namespace is taken away',
    series: { galaxy_namespaces_refusing: '0x40 1x20' },
    fires: ['GalaxyNamespacesRefusing'],
  },
  {
    name: 'an engine hangs and is replaced',
    series: { galaxy_engines_unreachable: '0x40 1x20' },
    fires: [],
  },
  {
    name: 'new games take long to be ready',
    series: histogram('galaxy_game_time_to_ready_seconds', 5, { quick: 5, slow: 5 }),
    fires: ['GalaxySlowToReady'],
  },
  {
    name: 'sleeping games wake slowly',
    series: histogram('galaxy_wake_seconds', 1, { quick: 5, slow: 5 }, ',cause="call"'),
    fires: ['GalaxyWakesSlow'],
  },
  {
    name: 'sleeping games do not wake',
    series: { [wakeCalls('engine_start_failed')]: '0+5x60' },
    fires: ['GalaxyWakesFail'],
  },
  {
    name: 'callers of sleeping games go away, or call games that are stopped',
    series: { [wakeCalls('gone')]: '0+50x60', [wakeCalls('game_stopped')]: '0+50x60' },
    fires: [],
  },
  { name: 'the api is away', series: { 'up{job="galaxy-api",instance="c"}': '0x60' }, fires: ['GalaxyApiDown'] },
  { name: 'the edge is away', series: { 'up{job="galaxy-edge",instance="d"}': '0x60' }, fires: ['GalaxyEdgeDown'] },
  {
    name: 'what calls need does not answer',
    series: { [calls('Unavailable')]: '0+200x60' },
    fires: ['GalaxyCallsUnavailable'],
  },
  {
    name: 'Redis takes no reservations',
    series: { 'gateway_replay_store_up{instance="d"}': '1x40 0x20' },
    fires: ['GalaxyReplayStoreRefuses'],
  },
  {
    name: 'Redis fails over',
    series: { 'gateway_replay_store_up{instance="d"}': '1x40 0x1 1x20' },
    fires: [],
  },
  {
    name: 'the edge has too little CPU',
    series: { 'gateway_calls_shed_total{instance="d"}': '0+30x60' },
    fires: ['GalaxyEdgeOverloaded'],
  },
  {
    name: 'streams end as they do after a while, to be opened anew',
    series: { [requests('SubscribeEvents', 'Unavailable')]: '0+300x60' },
    fires: [],
  },
  { name: 'calls end in internal errors', series: { [calls('Internal')]: '0+20x60' }, fires: ['GalaxyCallsBroken'] },
  {
    name: 'calls are slow',
    series: histogram('gateway_request_duration_seconds', 0.1, { quick: 900, slow: 100 }),
    fires: ['GalaxyCallsSlow'],
  },
  { name: 'the edge hears nothing', series: { 'gateway_push_up{instance="d"}': '0x60' }, fires: ['GalaxyPushDown'] },
  {
    name: 'events come late',
    series: histogram('gateway_push_lag_seconds', 0.1, { quick: 90, slow: 10 }),
    fires: ['GalaxyPushSlow'],
  },
  { name: 'mail waits', series: { galaxy_mail_oldest_waiting_seconds: '0+60x60' }, fires: ['GalaxyMailStuck'] },
  { name: 'the mail server refuses us', series: { galaxy_mail_circuit_open: '1x60' }, fires: ['GalaxyMailRefused'] },
]
