import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createBinding, storageClassKind } from './binding.ts'
import { game } from './fixtures.ts'
import { claimKind } from './kinds.ts'
import { objectKey } from './names.ts'
import { engineClaim } from './objects.ts'

const metadata = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }

function aClaim(phase: string) {
  const { metadata: named, spec } = engineClaim({ game, storage: { storageClassName: 'disks' } })
  const whole = { ...metadata, ...Object(named), namespace: game.namespace }
  return claimKind.schema.parse({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: whole,
    spec,
    status: { phase },
  })
}

/** A cluster with one claim; its class answers with `mode`, or fails. */
function binding(mode: string | Error, { mayRead = true } = {}) {
  let claim: ReturnType<typeof aClaim> | undefined = aClaim('Pending')
  let look = () => {}
  let asked = 0
  const found = Promise.withResolvers<undefined>()
  const classes = {
    get: async () => {
      asked += 1
      if (mode instanceof Error) throw mode
      const apiVersion = 'storage.k8s.io/v1'
      const object = {
        apiVersion,
        kind: 'StorageClass',
        metadata: { ...metadata, name: 'disks' },
        volumeBindingMode: mode,
      }
      return storageClassKind.schema.parse(object)
    },
  }
  const view = {
    claim: () => claim,
    until: async (key: object, check: () => unknown) => {
      expect(key).toEqual(objectKey(game))
      look = () => void (check() !== undefined && found.resolve(undefined))
      look()
      return found.promise
    },
  }
  const bound = createBinding({ view, classes: mayRead ? classes : undefined })
  let over = false
  const wait = () => bound(game).then(() => (over = true))
  return {
    wait,
    asked: () => asked,
    isOver: async () => setImmediate().then(() => over),
    becomes: (phase: string | undefined) => {
      claim = phase === undefined ? undefined : aClaim(phase)
      look()
    },
  }
}

it.each(['Bound', undefined])('is waited for where storage needs no Pod, until the claim is %s', async (end) => {
  const { wait, isOver, becomes } = binding('Immediate')
  void wait()
  expect(await isOver()).toBe(false)
  becomes('Pending')
  expect(await isOver()).toBe(false)
  becomes(end)
  expect(await isOver()).toBe(true)
})

it('is not waited for where storage comes with the first Pod', async () => {
  const { wait, isOver } = binding('WaitForFirstConsumer')
  void wait()
  expect(await isOver()).toBe(true)
})

it('is not waited for where the class may not be read', async () => {
  const { wait, isOver } = binding('Immediate', { mayRead: false })
  void wait()
  expect(await isOver()).toBe(true)
})

it('is not waited for when the class cannot be read now; it is asked for again the next time', async () => {
  const { wait, asked } = binding(new Error('away'))
  await wait()
  await wait()
  expect(asked()).toBe(2)
})

it('asks for the class of many claims once', async () => {
  const { wait, asked } = binding('WaitForFirstConsumer')
  await Promise.all([wait(), wait(), wait()])
  expect(asked()).toBe(1)
})
