import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartupError } from '../errors.ts'
import { loadKubeConfig } from './config.ts'
import { kubeconfigText } from './fake-api.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-config-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function fileWith(text: string): Promise<string> {
  const path = join(dir, `config-${Math.random()}`)
  await writeFile(path, text)
  return path
}

describe('a kubeconfig', () => {
  it('says where the server is', async () => {
    const config = loadKubeConfig({ path: await fileWith(kubeconfigText('http://127.0.0.1:8086')) })
    expect(config.getCurrentCluster()?.server).toBe('http://127.0.0.1:8086')
  })

  it('that is missing is named', () => {
    const path = join(dir, 'nowhere')
    expect(() => loadKubeConfig({ path })).toThrow(StartupError)
    expect(() => loadKubeConfig({ path })).toThrow(new RegExp(`kubeconfig ${path}: ENOENT`))
  })

  it.each([
    { what: 'no YAML', text: '{', said: /kubeconfig .*config-.*: / },
    { what: 'empty', text: '', said: /kubeconfig .*config-.*: / },
    { what: 'without a current context', text: 'clusters: []', said: /no cluster for its current context/ },
    {
      what: 'without a server',
      text: 'clusters: [{ name: x, cluster: {} }]',
      said: /clusters\[0\].cluster.server is missing/,
    },
    { what: 'of a server that is no URL', text: kubeconfigText('nonsense'), said: /"nonsense" is no URL/ },
  ])('that is $what is named in one line', async ({ text, said }) => {
    const path = await fileWith(text)
    expect(() => loadKubeConfig({ path })).toThrow(said)
    expect(() => loadKubeConfig({ path })).toThrow(/^[^\n]*$/)
  })

  it('of a pod is refused outside of one', () => {
    expect(() => loadKubeConfig({ inCluster: true })).toThrow(/in-cluster configuration: KUBERNETES_SERVICE_HOST/)
  })
})
