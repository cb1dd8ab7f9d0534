import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const listen = (answer: string) => `
const http = require('node:http')
http.createServer((request, response) => { ${answer} })
  .listen(Number(process.env.GALAXY_ENGINE_PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))`

const healthy = `if (request.url === '/healthz') return response.end('{"status":"ok"}');`
const fresh = `if (request.url === '/admin/status') return response.end('{"initialized":false,"turn":0,"finished":false,"players":[]}');`

/** Engines that do not keep the contract, each in its own way. */
const scripts = {
  exiting: 'console.error("no licence found"); process.exit(4)',
  silent: 'setInterval(() => {}, 1000)',
  babbling: listen(`response.end('<html>hello</html>')`),
  refusing: listen(
    `${healthy}${fresh} response.statusCode = 422; response.end('{"code":"invalid_settings","detail":"size: no such size"}')`,
  ),
}

export type BadEngine = keyof typeof scripts

/** Writes the engine as an executable into the folder; the answer is its image. */
export async function badEngineImage(dir: string, name: BadEngine): Promise<string> {
  const path = join(dir, `engine-${name}.cjs`)
  await writeFile(path, `#!${process.execPath}\n${scripts[name]}\n`)
  await chmod(path, 0o755)
  return pathToFileURL(path).href
}
