import { spawn } from 'node:child_process'
import { isAbsolute } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { messageOf, systemErrorCode } from '../errors.ts'
import type { Environment } from '../settings.ts'

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig */
export const ExecConfig = z.object({
  apiVersion: z.enum(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']),
  command: z.string('is missing').min(1, 'is missing'),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).nullish(),
})
export type ExecConfig = z.infer<typeof ExecConfig>

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
const ExecCredential = z.object({
  apiVersion: z.string(),
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
})

/** What a plugin hands out. */
export type PluginCredential = {
  token: string | undefined
  cert: string | undefined
  key: string | undefined
  /** Milliseconds since 1970; undefined: until a server refuses it. */
  expiresAtMs: number | undefined
}

export type PluginRun = {
  exec: ExecConfig
  /** For a plugin that wants to know which cluster is meant. */
  cluster: object
  environment: Environment
  isTerminal: boolean
}

/** A plugin that waits for something for longer than this is ended, unless it may be waiting for a person. */
const patienceMs = 60_000

/**
 * Runs an exec plugin once.
 * @throws Error naming the plugin, and what its kubeconfig says of how to install it
 */
export async function runPlugin(run: PluginRun): Promise<PluginCredential> {
  const { exec } = run
  try {
    return readCredential(exec, await outputOf(run))
  } catch (error) {
    const isMissing = ['ENOENT', 'EACCES'].includes(String(systemErrorCode(error)))
    const hint = isMissing && exec.installHint ? ` ${exec.installHint.trim()}` : ''
    throw new Error(`exec plugin "${exec.command}": ${messageOf(error)}.${hint}`, { cause: error })
  }
}

async function outputOf({ exec, cluster, environment, isTerminal }: PluginRun): Promise<string> {
  const interactive = isTerminal && exec.interactiveMode !== 'Never'
  if (exec.interactiveMode === 'Always' && !interactive) throw new Error('it needs a terminal, and there is none')
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo ? { cluster } : {}) },
  }
  const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  const child = spawn(exec.command, exec.args ?? [], {
    env: { ...environment, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
    ...(interactive ? {} : { timeout: patienceMs, killSignal: 'SIGKILL' as const }),
  })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const [{ code, signal }, output, complaints] = await Promise.all([ended, textOf(child.stdout), textOf(child.stderr)])
  if (code === 0) return output
  const how = signal === null ? `it failed with exit code ${code}` : `it was ended by ${signal}`
  throw new Error(complaints.trim() === '' ? how : `${how}: ${complaints.trim().slice(-500)}`)
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  return stream ? text(stream) : ''
}

function readCredential({ apiVersion }: ExecConfig, output: string): PluginCredential {
  const parsed = ExecCredential.safeParse(jsonOf(output))
  if (!parsed.success) {
    throw new Error(`it printed no ExecCredential: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  if (parsed.data.apiVersion !== apiVersion) {
    throw new Error(`it is configured for ${apiVersion} and answered in ${parsed.data.apiVersion}`)
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = parsed.data.status
  if ((cert === undefined) !== (key === undefined)) throw new Error('it returned a certificate or a key, not both')
  if (!token && cert === undefined) throw new Error('it returned neither a token nor a certificate')
  return { token, cert, key, expiresAtMs: expirationTimestamp ? Date.parse(expirationTimestamp) : undefined }
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}

/** A command with a slash in it is a path as seen from the kubeconfig's folder; others are looked for in PATH. */
export function isRelativeCommand(command: string): boolean {
  return /[/\\]/.test(command) && !isAbsolute(command)
}
