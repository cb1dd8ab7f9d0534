import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { controllerEnvironment } from './environments.ts'
import type { Layout } from './layout.ts'
import type { Addresses } from './parts/index.ts'

const quickstart = fileURLToPath(new URL('../../examples/quickstart.yaml', import.meta.url))
const galaxy = fileURLToPath(new URL('../../bin/galaxy', import.meta.url))

export type BannerOptions = { addresses: Addresses; layout: Layout; cwd: string }

/** What a person reads once everything is up. */
export function bannerText({ addresses, layout, cwd }: BannerOptions): string {
  const path = (full: string) => shortest(full, cwd)
  const kubeconfig = path(layout.kubeconfig)
  const rows = [
    ['Kubernetes API', addresses.kubeApi],
    ['Players sign in', addresses.edgePublic],
    ['Players play', addresses.edgeAuth],
    ['Mailbox', addresses.mailbox],
    ['Metrics', metricsOf(addresses)],
    ['Data', path(layout.root)],
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

${addresses.controller ? '' : controllerHint(layout, path(galaxy))}  Sign-in codes are mailed: read them at ${addresses.mailbox ?? 'the mailbox'}. Nothing leaves this machine.
  Without kubectl: ${quoted(path(galaxy))} apply, get and delete.
  Ctrl-C stops everything; started again, every game goes on where it was.

`
}

function metricsOf({ apiMetrics, controllerMetrics, edgeAdmin }: Addresses): string {
  return [apiMetrics, controllerMetrics, edgeAdmin].flatMap((url) => (url ? [`${url}/metrics`] : [])).join(' ')
}

/** How to run what `--without controller` has left out. */
function controllerHint(layout: Layout, galaxy: string): string {
  const anyPort = { host: '127.0.0.1', port: 0 }
  const settings = Object.entries(controllerEnvironment(layout, { http: anyPort, metrics: anyPort }))
  const lines = settings.map(([name, value]) => `      ${name}=${quoted(value)} \\\n`).join('')
  return `  The controller is left out. To run it:\n\n    env \\\n${lines}      ${quoted(galaxy)} controller\n\n`
}

/** Relative where the file lies below the current folder, else absolute. */
function shortest(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short === '..' || short.startsWith(`..${sep}`) ? path : short
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
