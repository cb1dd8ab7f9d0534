import { run } from './cli/run.ts'

// The only reader of process.env: everything else is handed what it needs.
process.exitCode = await run(process.argv.slice(2), process.env)
