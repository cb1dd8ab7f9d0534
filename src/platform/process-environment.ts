import type { Environment } from './settings.ts'

const loopback = 'localhost,127.0.0.1,::1,[::1]'

/**
 * Returns a copy of the process's environment, and removes from the live one what libraries would read there by
 * themselves: the `PG*` variables, which would change every connection to a database behind the back of its URL.
 * Loopback addresses are never reached through a proxy, as in curl's and Go's programs.
 */
export function takeEnvironment(live: NodeJS.ProcessEnv): Environment {
  const taken = { ...live }
  for (const name of Object.keys(live)) if (isIgnored(name)) delete live[name]
  const { no_proxy: lower, NO_PROXY: upper } = live
  const exempt = lower ?? upper ?? ''
  if (!hasProxy(live) || exempt.trim() === '*') {
    if (exempt !== '') Object.assign(live, { no_proxy: exempt, NO_PROXY: exempt })
    return taken
  }
  const all = exempt === '' ? loopback : `${exempt},${loopback}`
  Object.assign(live, { no_proxy: all, NO_PROXY: all })
  return taken
}

/** The names of the given variables that look as if they said something about a database, and say nothing here. */
export function ignoredVariables(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => isIgnored(name) && environment[name])
    .sort()
}

/**
 * Makes Node.js's own HTTP agents read the proxy's exceptions anew: they have read the environment before any code ran.
 * `fetch` reads them again by itself.
 */
export async function applyProxyExceptions(live: NodeJS.ProcessEnv): Promise<void> {
  if (!hasProxy(live) || !usesProxy(live)) return
  const [http, https] = await Promise.all([import('node:http'), import('node:https')])
  const usual = { keepAlive: true, scheduling: 'lifo', timeout: 5000, proxyEnv: live } as const
  http.default.globalAgent = new http.Agent(usual)
  https.default.globalAgent = new https.Agent(usual)
}

/** `pg` (PGHOST, PGSSLMODE, …) and what chooses another implementation of it. */
function isIgnored(name: string): boolean {
  return name.startsWith('PG') || name === 'NODE_PG_FORCE_NATIVE'
}

function hasProxy(environment: Environment): boolean {
  return Object.keys(environment).some((name) => /^(https?|all)_proxy$/i.test(name) && environment[name])
}

function usesProxy(environment: Environment): boolean {
  const flags = [environment['NODE_OPTIONS'] ?? '', ...process.execArgv]
  return Boolean(environment['NODE_USE_ENV_PROXY']) || flags.some((flag) => flag.includes('--use-env-proxy'))
}
