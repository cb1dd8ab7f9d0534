/**
 * The image's health check: asks the process of this container, whichever it is, at its own address. Exit code 0 when it
 * answers.
 */
import { readFileSync } from 'node:fs'

type Listener = { setting: string; port: string }

const listeners: Readonly<Record<string, Listener>> = {
  engine: { setting: 'GALAXY_ENGINE_PORT', port: '8080' },
  controller: { setting: 'CONTROLLER_HTTP_ADDR', port: '8083' },
  api: { setting: 'BACKEND_HTTP_ADDR', port: '8080' },
  edge: { setting: 'GATEWAY_PUBLIC_HTTP_ADDR', port: '8070' },
}

const command = readFileSync('/proc/1/cmdline', 'utf8').split('\0')
const listener = command.map((word) => listeners[word]).find((each) => each !== undefined)
// Any other command answers nobody: that it runs is all there is to ask.
if (listener) {
  const port = (process.env[listener.setting] ?? listener.port).split(':').at(-1)
  const { status } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(3000) })
  if (status !== 200) throw new Error(`answered ${status}`)
}
