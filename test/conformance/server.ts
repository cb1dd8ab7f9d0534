import { runKubectl } from './kubectl.ts'

/** The minor version of the server under test: 20 of v1.20.2. The embedded server is as new as any. */
const serverMinor = await readMinor(process.env['GALAXY_CONFORMANCE_KUBECONFIG'])

async function readMinor(kubeconfig: string | undefined): Promise<number> {
  if (kubeconfig === undefined) return Infinity
  const { stdout, stderr } = await runKubectl(['version', '-o', 'json', '--kubeconfig', kubeconfig])
  const minor = /"serverVersion"[^}]*"minor": "(\d+)/.exec(stdout)?.[1]
  if (minor === undefined) throw new Error(`the server of GALAXY_CONFORMANCE_KUBECONFIG does not answer: ${stderr}`)
  return Number(minor)
}

/** Whether the server is v1.`minor` or newer. What older ones do instead stands in `differences.md`. */
export const serverSince = (minor: number): boolean => serverMinor >= minor

/** On a cluster, the admission webhook of the controllers warns, and this suite runs without them. */
export const warnsByItself = process.env['GALAXY_CONFORMANCE_KUBECONFIG'] === undefined

/** How to run a test of what servers have since v1.`minor`. */
export const since = (minor: number): { skip?: true } => (serverSince(minor) ? {} : { skip: true })
