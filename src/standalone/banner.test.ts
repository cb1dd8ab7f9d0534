import { describe, expect, it } from 'vitest'
import { bannerText } from './banner.ts'
import { layoutOf } from './layout.ts'
import { createPorts } from './ports.ts'

const addresses = {
  kubeApi: 'https://127.0.0.1:8086',
  controller: 'http://127.0.0.1:8083',
  api: 'http://127.0.0.1:8084',
  push: 'http://127.0.0.1:8081',
  edgePublic: 'http://127.0.0.1:8070',
  mailbox: 'http://127.0.0.1:8087',
  smtp: 'smtp://127.0.0.1:8025',
}
const banner = { addresses, ports: createPorts('default'), without: [], runtime: 'process' } as const

describe('the banner', () => {
  it('names the addresses, and a kubeconfig that is found from every folder', () => {
    const text = bannerText({ ...banner, layout: layoutOf('/home/ada/galaxy/.galaxy'), cwd: '/home/ada/galaxy' })
    for (const address of ['https://127.0.0.1:8086', 'http://127.0.0.1:8070', 'http://127.0.0.1:8087'])
      expect(text).toContain(` ${address}\n`)
    expect(text).toContain('export KUBECONFIG=/home/ada/galaxy/.galaxy/kubeconfig\n')
    expect(text).not.toContain('Metrics')
    expect(text).not.toContain('left out')
  })

  it.each([
    { part: 'controller', setting: 'CONTROLLER_KUBECONFIG=/srv/g/keys/controller.kubeconfig' },
    { part: 'edge', setting: 'GATEWAY_BACKEND_HTTP_URL=http://127.0.0.1:8084' },
    { part: 'api', setting: 'BACKEND_DATABASE_URL="$(cat /srv/g/keys/database-url)"' },
  ] as const)('says how to run the $part where that is left out', ({ part, setting }) => {
    const text = bannerText({ ...banner, without: [part], layout: layoutOf('/srv/g'), cwd: '/srv' })
    expect(text).toContain(`The ${part} is left out. To run it:`)
    expect(text).toContain(`      ${setting} \\\n`)
    expect(text).toMatch(new RegExp(`/bin/galaxy ${part}\n`))
  })

  it.each([
    { runtime: 'process', said: 'tail /srv/g/engines/$(kubectl get game NAME -o jsonpath={.metadata.uid})/engine.log' },
    { runtime: 'docker', said: 'docker logs galaxy-game-NAME' },
  ] as const)('says where the log of an engine is, run by $runtime', ({ runtime, said }) => {
    expect(bannerText({ ...banner, runtime, layout: layoutOf('/srv/g'), cwd: '/srv' })).toContain(said)
  })

  it('can be copied into a shell wherever the data is', () => {
    const text = bannerText({ ...banner, layout: layoutOf("/srv/it's here"), cwd: '/home/ada' })
    expect(text).toContain(`export KUBECONFIG='/srv/it'\\''s here/kubeconfig'\n`)
    expect(text).toContain(`play --data-dir '/srv/it'\\''s here'\n`)
  })
})
