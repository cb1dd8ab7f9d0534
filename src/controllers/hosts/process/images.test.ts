import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageCommand, imageDigest } from './images.ts'

let dir = ''
let program = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-images-'))
  program = join(dir, 'engine')
  await writeFile(program, '#!/bin/sh\n')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const source = (allowFileImages: boolean) => ({
  images: { 'galaxy-engine:1.0.0': ['node', '--flag', program], 'galaxy-engine:2.0.0': ['node', join(dir, 'lost')] },
  allowFileImages,
})

describe('an image of the process runtime', () => {
  it('is a built-in name', async () => {
    expect(await imageCommand('galaxy-engine:1.0.0', source(false))).toEqual(['node', '--flag', program])
  })

  it.each(['galaxy-engine:3', 'constructor', '__proto__', '', 'registry.example/x'])(
    'is not "%s"; the error says what there is',
    async (image) => {
      const said = /built-in engines \(galaxy-engine:1\.0\.0, galaxy-engine:2\.0\.0\)$/
      await expect(imageCommand(image, source(false))).rejects.toThrow(said)
      await expect(imageCommand(image, source(false))).rejects.toMatchObject({ failure: 'ImageUnavailable' })
    },
  )

  it('is a file that can be executed, where that is allowed', async () => {
    const image = pathToFileURL(program).href
    await expect(imageCommand(image, source(true))).rejects.toThrow('is no file that can be executed')
    await chmod(program, 0o755)
    expect(await imageCommand(image, source(true))).toEqual([program])
    await expect(imageCommand(image, source(false))).rejects.toMatchObject({ failure: 'ImageUnavailable' })
  })

  it.each(['file:///', 'file:///no/such/file', 'file://host/x', 'file:///%00', 'file:///tmp'])(
    'is not %s',
    async (image) => {
      await expect(imageCommand(image, source(true))).rejects.toMatchObject({ failure: 'ImageUnavailable' })
    },
  )

  it('has a digest that changes with its program', async () => {
    const first = await imageDigest('galaxy-engine:1.0.0', source(false))
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await imageDigest('galaxy-engine:1.0.0', source(false))).toBe(first)
    await writeFile(program, '#!/bin/sh\nexit\n')
    expect(await imageDigest('galaxy-engine:1.0.0', source(false))).not.toBe(first)
  })

  it('whose program is not there cannot be had', async () => {
    await expect(imageDigest('galaxy-engine:2.0.0', source(false))).rejects.toMatchObject({
      failure: 'ImageUnavailable',
    })
  })
})
