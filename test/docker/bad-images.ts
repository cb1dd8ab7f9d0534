import type Docker from 'dockerode'

const repository = 'galaxy-bad-engine'

const listen = (answer: string) => `
require('http').createServer((request, response) => { ${answer} }).listen(8080);
process.on('SIGTERM', () => process.exit(0))`

const scripts = {
  /** Ends at once. */
  crashing: "console.error('no licence found'); process.exit(4)",
  /** Wants all the memory there is. */
  hungry: 'const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))',
  /** Runs and never listens. */
  silent: "process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 1000)",
  /** Is healthy, and never comes back from creating its game. */
  hanging: listen(`
    if (request.url === '/healthz') return response.end('{"status":"ok"}');
    if (request.url === '/admin/status') return response.end('{"initialized":false,"turn":0,"finished":false,"players":[]}')`),
}

export type BadImage = keyof typeof scripts

/** Makes an image of an engine that does not keep the contract, out of the one that does. */
export async function badImage(docker: Docker, name: BadImage): Promise<string> {
  const source = await docker.createContainer({ Image: 'galaxy-engine:1.0.0' })
  const changes = `ENTRYPOINT ${JSON.stringify(['node', '-e', scripts[name].replaceAll('\n', ' ')])}\nCMD []`
  await source.commit({ repo: repository, tag: name, changes })
  await source.remove()
  return `${repository}:${name}`
}

export async function removeBadImages(docker: Docker): Promise<void> {
  const made = await docker.listImages({ filters: { reference: [repository] } })
  for (const { Id } of made) await docker.getImage(Id).remove({ force: true })
}
