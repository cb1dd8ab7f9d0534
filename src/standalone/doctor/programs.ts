import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnvironment } from '../../platform/child-environment.ts'
import { messageOf } from '../../platform/errors.ts'
import { findBinaries } from '../postgres/binaries.ts'
import { accountForPostgres, asAccount } from '../postgres/privileges.ts'
import { adviseThat, type Check, checkThat } from './finding.ts'

const run = promisify(execFile)
const deadlineMs = 10_000
const oldestKubectl = 28

export const checkNode: Check = checkThat('Node.js', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 12)) return process.version
  throw new Error(`${process.version} is too old: 24.12 or newer is needed; 'make setup' installs one`)
})

export const checkPostgres: Check = checkThat('Postgres', async () => {
  const [{ postgres }, account] = await Promise.all([findBinaries(), accountForPostgres()])
  const [program = '', ...args] = await asAccount(account, [postgres, '--version'])
  try {
    const { stdout } = await run(program, args, { timeout: deadlineMs, env: childEnvironment() })
    return `${stdout.trim()}, run as ${account?.name ?? 'this account'}`
  } catch (error) {
    throw new Error(`its programs do not run here: ${firstLine(messageOf(error))}; 'npm ci' installs them again`, {
      cause: error,
    })
  }
})

export const checkKubectl: Check = adviseThat('kubectl', async () => {
  const { stdout } = await run('kubectl', ['version', '--client'], {
    timeout: deadlineMs,
    env: kubectlEnvironment(),
  }).catch((cause: unknown) => {
    throw new Error("not found: install it, or use 'galaxy apply', 'get' and 'delete'", { cause })
  })
  const [text = '', minor = '0'] = /v1\.(\d+)\S*/.exec(stdout) ?? []
  if (Number(minor) >= oldestKubectl) return text
  throw new Error(`${firstLine(stdout)}: 1.${oldestKubectl} or newer is needed`)
})

/** The one program of the user's own: it may be a version manager's wrapper, whose files are at home. */
function kubectlEnvironment({ HOME } = process.env): Record<string, string> {
  return { ...childEnvironment(), ...(HOME === undefined ? {} : { HOME }) }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
