import { cpus } from 'node:os'
import { benchApplyToReady } from './apply-to-ready.ts'
import { clusterKubeconfig } from './cluster.ts'
import { benchExecuteCommand } from './execute-command.ts'
import { benchGamesOnCluster } from './games-on-cluster.ts'
import { benchHibernatedGames, benchHibernatedGamesEmbedded } from './hibernated-games.ts'
import { benchKubernetesClient } from './kubernetes-client.ts'
import { benchResourceServer } from './resource-server.ts'
import { benchTurnsOnTime } from './turns-on-time.ts'

type Benches = Readonly<Record<string, () => Promise<void>>>

/** `make bench` runs all of them; `make bench ARGS=name` one. */
const benches: Benches = {
  'resource-server': benchResourceServer,
  'apply-to-ready': benchApplyToReady,
  'execute-command': benchExecuteCommand,
  'turns-on-time': benchTurnsOnTime,
  'hibernated-games-embedded': benchHibernatedGamesEmbedded,
}

/** `make bench-cluster` runs these, against the cluster of GALAXY_E2E_KUBECONFIG. */
const clusterBenches: Benches = {
  'kubernetes-client': () => benchKubernetesClient(clusterKubeconfig()),
  'hibernated-games': () => benchHibernatedGames(clusterKubeconfig(), { CONTROLLER_RUNTIME: 'pods' }),
  'games-on-cluster': () => benchGamesOnCluster(clusterKubeconfig(), [20, 50, 90]),
}

const [first, ...others] = process.argv.slice(2)
const onCluster = first === '--cluster'
const wanted = onCluster ? others[0] : first
const chosen = onCluster ? clusterBenches : benches
if (wanted !== undefined && !chosen[wanted]) {
  console.error(`no bench ${wanted}; there are: ${Object.keys(chosen).join(', ')}`)
  process.exit(2)
}
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`)
for (const [name, bench] of Object.entries(chosen)) if (wanted === undefined || wanted === name) await bench()
