import { messageOf } from '../../platform/errors.ts'
import { runningOn } from '../data-dir.ts'
import { readEndpoints } from '../endpoints.ts'
import type { Layout } from '../layout.ts'
import { createPorts, listenerNames, portProblem } from '../ports.ts'
import { adviseThat, type Check, checkThat } from './finding.ts'

const deadlineMs = 5000

/** The usual ports: free, or held by what runs on the data directory. */
export function portChecks(layout: Layout): Check[] {
  const ports = createPorts('default')
  return listenerNames.map((name) => {
    const { host, port } = ports.address(name)
    return checkThat(`port ${port}`, async () => {
      const endpoints = (await runningOn(layout)) === undefined ? undefined : await readEndpoints(layout)
      if (URL.parse(endpoints?.[name] ?? '')?.host === `${host}:${port}`) return 'ours, in use'
      const problem = await portProblem(name, { host, port })
      if (problem) throw new Error(problem)
      return 'free'
    })
  })
}

/** That what runs on the data directory can be used through its kubeconfig. */
export function kubeApiCheck(layout: Layout): Check {
  return async () => {
    const isRunning = (await runningOn(layout)) !== undefined
    return (isRunning ? checkThat : adviseThat)('Kubernetes API', async () => {
      if (!isRunning) throw new Error(`nothing runs on ${layout.root}: start it with 'galaxy up'`)
      return reach(layout)
    })()
  }
}

async function reach({ kubeconfig }: Layout): Promise<string> {
  const [{ loadKubeConfig }, { discoverResources }] = await Promise.all([
    import('../../platform/kubernetes/client.ts'),
    import('../../platform/kubernetes/discovery.ts'),
  ])
  const config = loadKubeConfig({ path: kubeconfig })
  const { server } = config
  try {
    const resources = await discoverResources(config, deadlineMs)
    if (!resources.some(({ kind }) => kind === 'Game')) throw new Error('it serves no Games')
    return `${server} answers`
  } catch (error) {
    throw new Error(`${server} through ${kubeconfig}: ${messageOf(error)}`, { cause: error })
  }
}
