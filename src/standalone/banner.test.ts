import { describe, expect, it } from 'vitest'
import { bannerText } from './banner.ts'
import { layoutOf } from './layout.ts'
import { createPorts } from './ports.ts'

const addresses = {
  kubeApi: 'http://127.0.0.1:8086',
  controller: 'http://127.0.0.1:8083',
  api: 'http://127.0.0.1:8080',
  push: 'http://127.0.0.1:8081',
  edgePublic: 'http://127.0.0.1:8070',
  mailbox: 'http://127.0.0.1:8087',
  smtp: 'smtp://127.0.0.1:8025',
}
const banner = { addresses, ports: createPorts('default'), without: [] }

describe('the banner', () => {
  it('names the addresses and a kubeconfig relative to where the person stands', () => {
    const text = bannerText({ ...banner, layout: layoutOf('/home/ada/galaxy/.galaxy'), cwd: '/home/ada/galaxy' })
    for (const address of ['8086', '8070', '8087']) expect(text).toContain(`http://127.0.0.1:${address}`)
    expect(text).toContain('export KUBECONFIG=.galaxy/kubeconfig\n')
    expect(text).not.toContain('Metrics')
    expect(text).not.toContain('left out')
  })

  it.each([
    { part: 'controller', setting: 'CONTROLLER_KUBECONFIG=/srv/g/keys/controller.kubeconfig' },
    { part: 'edge', setting: 'GATEWAY_BACKEND_HTTP_URL=http://127.0.0.1:8080' },
    { part: 'api', setting: 'BACKEND_DATABASE_URL="$(cat /srv/g/keys/database-url)"' },
  ] as const)('says how to run the $part where that is left out', ({ part, setting }) => {
    const text = bannerText({ ...banner, without: [part], layout: layoutOf('/srv/g'), cwd: '/srv' })
    expect(text).toContain(`The ${part} is left out. To run it:`)
    expect(text).toContain(`      ${setting} \\\n`)
    expect(text).toMatch(new RegExp(`/bin/galaxy ${part}\n`))
  })

  it('can be copied into a shell wherever the data is', () => {
    const text = bannerText({ ...banner, layout: layoutOf("/srv/it's here"), cwd: '/home/ada' })
    expect(text).toContain(`export KUBECONFIG='/srv/it'\\''s here/kubeconfig'\n`)
    expect(text).toContain(`play --data-dir '/srv/it'\\''s here'\n`)
  })
})
