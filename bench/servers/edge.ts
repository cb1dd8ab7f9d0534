import { readEdgeSettings, startEdge } from '../../src/edge/index.ts'
import { runUntilSignalled } from '../../src/platform/lifecycle.ts'
import { silentLog } from '../../src/platform/log.ts'

/** Ours: the whole edge as `galaxy edge` runs it. */
await runUntilSignalled(async () => {
  const edge = await startEdge({ settings: readEdgeSettings(process.env), log: silentLog })
  console.log(edge.authUrl)
  return edge
})
