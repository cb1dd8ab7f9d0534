import { readFile } from 'node:fs/promises'
import { validityProblem, validUntil } from '../../platform/certificate/index.ts'
import type { Environment } from '../../platform/settings.ts'
import { readCertificate, renewalReason } from '../certificate.ts'
import { runningOn } from '../data-dir.ts'
import type { Layout } from '../layout.ts'
import { adviseThat, type Check, checkThat } from './finding.ts'

/** Certificates that come from elsewhere: the settings that name their files. */
const given = ['GATEWAY_TLS_CERT_FILE', 'CONTROLLER_WEBHOOK_CERT_FILE']

/** That clients accept each certificate now, by the clock of this machine. */
export function certificateChecks(environment: Environment, layout: Layout): Check[] {
  const files = given.flatMap((setting) => {
    const path = environment[setting]
    return path ? [checkThat(setting, () => stateOfFile(path))] : []
  })
  return [ownCheck(layout), ...files]
}

/** What runs has renewed its certificate by itself; what starts next will. */
function ownCheck(layout: Layout): Check {
  return async () => {
    const isRunning = (await runningOn(layout)) !== undefined
    const kept = await readCertificate(layout.certificate).catch(() => 'damaged' as const)
    const check = isRunning || kept === 'damaged' ? checkThat : adviseThat
    return check('certificate of the Kubernetes API', () => ownState(layout, isRunning))()
  }
}

async function ownState({ certificate: path }: Layout, isRunning: boolean): Promise<string> {
  const kept = await readCertificate(path)
  if (!kept) return 'will be made by the first start'
  const reason = renewalReason(kept, new Date())
  if (reason === undefined) return `valid until ${validUntil(kept.certificate).toISOString()}`
  const remedy = isRunning ? 'a new one is made within a minute' : 'the next start makes a new one'
  throw new Error(`${path} ${reason}: ${remedy}; is the clock right?`)
}

async function stateOfFile(path: string): Promise<string> {
  const certificate = await readFile(path, 'utf8')
  const problem = validityProblem(certificate, new Date())
  if (problem !== undefined) throw new Error(`${path} ${problem}: renew it, or set the clock`)
  return `valid until ${validUntil(certificate).toISOString()}`
}
