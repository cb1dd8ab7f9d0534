import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, killPart, openCluster, ownCluster, startPart } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster[Symbol.asyncDispose]())

describe('the cluster', () => {
  it('has a node that takes pods, volumes by default, and our definitions', async () => {
    const ready = '{.items[*].status.conditions[?(@.type=="Ready")].status}'
    expect((await cluster.kubectl(['get', 'nodes', '-o', `jsonpath=${ready}`])).stdout).toMatch(/True/)
    expect((await cluster.kubectl(['get', 'storageclasses'])).stdout).toContain('(default)')
    expect((await cluster.kubectl(['get', 'games'])).stderr).toMatch(/^No resources found in e2e-/)
  })
})

describe.skipIf(!ownCluster)('our own cluster', () => {
  it.each([
    ['admin', 'delete', 'yes'],
    ['viewer', 'list', 'yes'],
    ['viewer', 'delete', 'no'],
    ['nobody', 'list', 'no'],
    ['galaxy-controller', 'list', 'no'],
    ['galaxy-api', 'list', 'no'],
  ])('tells %s who may %s pods: %s', async (user, verb, answer) => {
    const { stdout } = await cluster.kubectl(['--context', user, 'auth', 'can-i', verb, 'pods'])
    expect(stdout).toBe(`${answer}\n`)
  })

  it('knows what it knew after etcd and the API server were killed', async () => {
    await cluster.kubectl(['create', 'configmap', 'kept', '--from-literal=turn=7'])
    await killPart('kube-apiserver')
    await killPart('etcd')
    expect((await cluster.kubectl(['get', 'configmap', 'kept'])).code).toBe(1)
    await startPart('etcd')
    await startPart('kube-apiserver')
    expect((await cluster.kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.turn}'])).stdout).toBe('7')
  })
})
