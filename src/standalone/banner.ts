import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Layout } from './layout.ts'
import { leftOutText } from './left-out.ts'
import type { Addresses, EngineRuntime, OptionalPart } from './parts/index.ts'
import type { Ports } from './ports.ts'
import { quoted } from './shell.ts'

const quickstart = fileURLToPath(new URL('../../examples/quickstart.yaml', import.meta.url))
const galaxy = fileURLToPath(new URL('../../bin/galaxy', import.meta.url))

export type BannerOptions = {
  addresses: Addresses
  layout: Layout
  ports: Ports
  without: readonly OptionalPart[]
  runtime: EngineRuntime
  cwd: string
}

/** What a person reads once everything is up. */
export function bannerText({ cwd, ...options }: BannerOptions): string {
  const { addresses, layout } = options
  const path = (full: string) => shortest(full, cwd)
  const { kubeconfig } = layout
  const rows = [
    ['Kubernetes API', addresses.kubeApi],
    ['Players sign in', addresses.edgePublic],
    ['Players play', addresses.edgeAuth],
    ['Mailbox', addresses.mailbox],
    ['Metrics', metricsOf(addresses)],
    ['Data', layout.root],
    ['kubeconfig', kubeconfig],
  ].filter(([, value]) => value)
  const play = `${quoted(path(galaxy))} play${layout.root === resolve(cwd, '.galaxy') ? '' : ` --data-dir ${quoted(path(layout.root))}`}`
  return `
  Galaxy is ready.

${rows.map(([title = '', value = '']) => `    ${title.padEnd(17)}${value}`).join('\n')}

  Try next, in another terminal:

    export KUBECONFIG=${quoted(kubeconfig)}
    kubectl apply -f ${quoted(path(quickstart))}
    kubectl get games -w
    ${play}

${leftOutText({ ...options, galaxy: quoted(path(galaxy)) })}  Sign-in codes are mailed: read them at ${addresses.mailbox ?? 'the mailbox'}. Nothing leaves this machine.
  Without kubectl: ${quoted(path(galaxy))} apply, get and delete.
  What an engine says: ${engineLog(options)}
  Ctrl-C stops everything; started again, every game goes on where it was.

`
}

/** Where a person finds the log of one game's engine. */
function engineLog({ layout, runtime }: Pick<BannerOptions, 'layout' | 'runtime'>): string {
  if (runtime === 'docker') return 'docker logs galaxy-game-NAME'
  return `tail ${quoted(layout.engines)}/$(kubectl get game NAME -o jsonpath={.metadata.uid})/engine.log`
}

function metricsOf({ apiMetrics, controllerMetrics, edgeAdmin }: Addresses): string {
  return [apiMetrics, controllerMetrics, edgeAdmin].flatMap((url) => (url ? [`${url}/metrics`] : [])).join(' ')
}

/** Relative where the file lies below the current folder, else absolute. */
function shortest(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short === '..' || short.startsWith(`..${sep}`) ? path : short
}
