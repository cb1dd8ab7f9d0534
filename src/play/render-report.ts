import type { GamePlayer } from '../messages/index.ts'
import { advice } from './advice.ts'
import { renderOtherPlanets, renderOwnPlanets } from './render-planets.ts'
import { personOf, submission } from './render-players.ts'
import { renderDesigns, renderForeignShips, renderGroups } from './render-ships.ts'
import { planetTitle, type Report } from './report.ts'
import { table } from './table.ts'
import { amount, count, oneLine } from './text.ts'

/** How many foreign planets a report shows before it refers to `planets`. */
const nearest = 15

/** All of a report. */
export function renderReport(report: Report): string {
  const parts = [
    renderHead(report),
    renderResult(report),
    renderNews(report),
    renderRaces(report),
    renderOwnPlanets(report),
    renderOtherPlanets(report, { most: nearest }),
    renderGroups(report),
    renderForeignShips(report),
    renderDesigns(report),
    list('What you can do', advice(report)),
  ]
  return parts.filter(Boolean).join('\n')
}

/** What a player wants to know first when a turn is complete. */
export function renderSummary(report: Report): string {
  return [renderHead(report), renderResult(report), renderNews(report), renderForeignShips(report)]
    .filter(Boolean)
    .join('\n')
}

/** With the `players` of the game it also says who plays each race. */
export function renderRaces({ races }: Report, players: readonly GamePlayer[] = []): string {
  return table(
    'The others',
    ['race', 'planets', 'you to them', 'they to you', 'score', 'orders', 'played by', ''],
    races.map(({ raceName, planets, yourStance, theirStance, eliminated }) => {
      const player = players.find(({ race_name }) => oneLine(race_name) === raceName)
      return [
        raceName,
        planets,
        yourStance,
        theirStance,
        player?.score ?? undefined,
        player && submission(player),
        player && personOf(player),
        eliminated ? 'eliminated' : '',
      ]
    }),
  )
}

export function renderMessages({ messages }: Report): string {
  return list(
    'Messages',
    messages.map(({ from, text }) => `${from}: ${text}`),
  )
}

function renderHead({ raceName, turn, you, galaxy }: Report): string {
  const needed = Math.ceil(galaxy.victoryShare * galaxy.planets)
  const levels = Object.entries(you.technologies).map(([name, level]) => `${name} ${amount(level)}`)
  const totals = [
    `${you.planets} of ${galaxy.planets} planets (${needed} win)`,
    count(you.ships, 'ship'),
    `population ${amount(you.population)}`,
    `industry ${amount(you.industry)}`,
    `effort ${amount(you.effort)}`,
    `score ${amount(you.score)}`,
  ]
  const out = you.eliminated ? '\n  You are out of the game.' : ''
  return `Turn ${turn}: ${raceName}\n  ${totals.join(', ')}\n  technologies: ${levels.join(', ')}${out}\n`
}

function renderResult({ result }: Report): string {
  if (!result) return ''
  const who = result.winner === null ? 'Nobody wins' : `${result.winner} win`
  return table(
    `The game is over with turn ${result.turn}. ${who} (${result.reason.replaceAll('_', ' ')}).`,
    ['rank', 'race', 'score', 'planets', ''],
    result.standings.map(({ rank, raceName, score, planets, eliminated }) => [
      rank,
      raceName,
      score,
      planets,
      eliminated ? 'eliminated' : '',
    ]),
  )
}

function renderNews(report: Report): string {
  const { happenings, rejectedOrders } = report
  const parts = [
    list(
      'What happened',
      happenings.map(({ text }) => text),
    ),
    renderBattles(report),
    renderMessages(report),
    list(
      'Orders that could not be carried out',
      rejectedOrders.map(({ index, message }) => `order ${index + 1}: ${message}`),
    ),
  ]
  return parts.filter(Boolean).join('\n')
}

function renderBattles(report: Report): string {
  const rows = report.battles.flatMap(({ planet, sides }) =>
    sides.map(({ raceName, design, ships, lost }) => [planetTitle(report, planet), raceName, design, ships, lost]),
  )
  return table('Battles', ['at planet', 'race', 'design', 'ships', 'lost'], rows)
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${[title, ...lines.map((line) => `  - ${line}`)].join('\n')}\n`
}
