import { cpus } from 'node:os'
import { benchApplyToReady } from './apply-to-ready.ts'
import { benchExecuteCommand } from './execute-command.ts'
import { benchResourceServer } from './resource-server.ts'

/** `make bench` runs all of them; `make bench ARGS=name` one. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  'resource-server': benchResourceServer,
  'apply-to-ready': benchApplyToReady,
  'execute-command': benchExecuteCommand,
}

const [wanted] = process.argv.slice(2)
if (wanted !== undefined && !benches[wanted]) {
  console.error(`no bench ${wanted}; there are: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`)
for (const [name, bench] of Object.entries(benches)) if (wanted === undefined || wanted === name) await bench()
