import { describe, expect, it } from 'vitest'
import { bannerText } from './banner.ts'
import { layoutOf } from './layout.ts'

const addresses = { kubeApi: 'http://127.0.0.1:8086', controller: 'http://127.0.0.1:8083' }

describe('the banner', () => {
  it('names the addresses and a kubeconfig relative to where the person stands', () => {
    const text = bannerText({ addresses, layout: layoutOf('/home/ada/galaxy/.galaxy'), cwd: '/home/ada/galaxy' })
    expect(text).toContain('http://127.0.0.1:8086')
    expect(text).toContain('export KUBECONFIG=.galaxy/kubeconfig\n')
    expect(text).not.toContain('Metrics')
  })

  it('says how to run the controller where that is left out', () => {
    const { kubeApi } = addresses
    const text = bannerText({ addresses: { kubeApi }, layout: layoutOf('/srv/g'), cwd: '/srv' })
    expect(text).toContain('CONTROLLER_KUBECONFIG=/srv/g/keys/controller.kubeconfig \\\n')
    expect(bannerText({ addresses, layout: layoutOf('/srv/g'), cwd: '/srv' })).not.toContain('CONTROLLER_')
  })

  it('can be copied into a shell wherever the data is', () => {
    const text = bannerText({ addresses, layout: layoutOf("/srv/it's here"), cwd: '/home/ada' })
    expect(text).toContain(`export KUBECONFIG='/srv/it'\\''s here/kubeconfig'\n`)
  })
})
