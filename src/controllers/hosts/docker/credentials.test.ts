import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registryOf } from '../image-problem.ts'
import { credentialsFor } from './credentials.ts'

let dir = ''
let path = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-credentials-'))
  path = join(dir, 'config.json')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const encoded = (text: string) => Buffer.from(text).toString('base64')
const write = (auths: object) => writeFile(path, JSON.stringify({ auths, credsStore: 'desktop' }))

describe('the registry of an image', () => {
  it.each([
    ['engine', 'docker.io'],
    ['library/engine:1', 'docker.io'],
    ['registry.example/engine:1', 'registry.example'],
    ['registry.example:5000/a/b@sha256:0', 'registry.example:5000'],
    ['localhost/engine', 'localhost'],
    ['127.0.0.1:5000/engine', '127.0.0.1:5000'],
  ])('%s is %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry)
  })
})

describe('a Docker configuration', () => {
  it('has the password for its registry, and nothing for others', async () => {
    await write({ 'registry.example': { auth: encoded('ada:se:cret') } })
    const found = { username: 'ada', password: 'se:cret', serveraddress: 'registry.example' }
    expect(await credentialsFor('registry.example/engine:1', path)).toEqual(found)
    expect(await credentialsFor('registry.example:5000/engine:1', path)).toBeUndefined()
    expect(await credentialsFor('engine:1', path)).toBeUndefined()
  })

  it.each(['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'])(
    'may call the usual registry %s',
    async (key) => {
      await write({ [key]: { username: 'ada', password: 'secret' } })
      expect(await credentialsFor('engine:1', path)).toMatchObject({ username: 'ada', password: 'secret' })
    },
  )

  it('may have a token instead of a password', async () => {
    await write({ 'https://registry.example/v2/': { auth: encoded('<token>:'), identitytoken: 'secret' } })
    expect(await credentialsFor('registry.example/engine:1', path)).toMatchObject({ identitytoken: 'secret' })
  })

  it('that leaves the password to a helper is told of', async () => {
    await write({ 'registry.example': {} })
    const refusal = { failure: 'ImageUnavailable', message: expect.stringContaining('credential helper') }
    await expect(credentialsFor('registry.example/engine:1', path)).rejects.toMatchObject(refusal)
  })

  it('that is not there is told of by its setting', async () => {
    const refusal = {
      failure: 'ImageUnavailable',
      message: expect.stringMatching(/CONTROLLER_DOCKER_CONFIG: .*ENOENT/),
    }
    await expect(credentialsFor('engine:1', path)).rejects.toMatchObject(refusal)
  })

  it.each(['{"auths": {"registry.example": secret', '{"auths": {"registry.example": "secret"}}', '"secret"'])(
    'that is damaged is told of, without what is in it (%s)',
    async (text) => {
      await writeFile(path, text)
      const refused: unknown = await credentialsFor('registry.example/engine:1', path).catch((error: unknown) => error)
      expect(String(refused)).toContain('is no Docker configuration')
      expect(inspect(refused)).not.toContain('secret')
    },
  )
})
