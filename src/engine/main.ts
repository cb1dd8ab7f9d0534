import { runEngine } from './process.ts'

// A program of its own beside src/main.ts: starting an engine then loads nothing but the engine.
process.exitCode = await runEngine(process.env)
