import type { PluginCredential } from './exec-plugin.ts'

/** What a plugin hands out, kept until it runs out or a server refuses it. */
export type PluginCredentials = {
  /** However many ask at once, the plugin runs once. */
  get: () => Promise<PluginCredential>
  /** For a server that did not take it: the next `get` runs the plugin, unless it has run since. */
  refused: (credential: PluginCredential) => void
}

export function keepCredential(run: () => Promise<PluginCredential>, nowMs: () => number): PluginCredentials {
  let kept: PluginCredential | undefined
  let running: Promise<PluginCredential> | undefined

  async function renew(): Promise<PluginCredential> {
    try {
      kept = await run()
      return kept
    } finally {
      running = undefined
    }
  }

  return {
    get: async () => {
      if (kept && nowMs() < (kept.expiresAtMs ?? Infinity)) return kept
      return (running ??= renew())
    },
    refused: (credential) => {
      if (kept === credential) kept = undefined
    },
  }
}
