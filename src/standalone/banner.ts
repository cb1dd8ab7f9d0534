import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { controllerEnvironment } from './controller-environment.ts'
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
    ['Controller', addresses.controller],
    ['Metrics', addresses.controllerMetrics && `${addresses.controllerMetrics}/metrics`],
    ['Data', path(layout.root)],
    ['kubeconfig', kubeconfig],
  ].filter(([, value]) => value)
  return `
  Galaxy is ready.

${rows.map(([title = '', value = '']) => `    ${title.padEnd(16)}${value}`).join('\n')}

  Try next, in another terminal:

    export KUBECONFIG=${quoted(kubeconfig)}
    kubectl apply -f ${quoted(path(quickstart))}
    kubectl get games -w
    kubectl describe game quickstart

${addresses.controller ? '' : controllerHint(layout, path(galaxy))}  Without kubectl: ${quoted(path(galaxy))} apply, get and delete.
  Ctrl-C stops everything; started again, every game goes on where it was.

`
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
