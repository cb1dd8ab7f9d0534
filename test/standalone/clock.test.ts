import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCertificate } from '../../src/platform/certificate/index.ts'
import { runGalaxy } from '../support/command.ts'
import { startPlatform } from '../support/platform.ts'

const run = promisify(execFile)
const day = 86_400_000
const hosts = ['127.0.0.1', '::1', 'localhost']

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-clock-'))
  await mkdir(join(dir, 'keys'))
  await writeFile(join(dir, 'version'), '1\n')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const doctor = () => runGalaxy(['doctor', '--data-dir', dir, '--ports', 'random'])

describe('a data directory that was made by a wrong clock', () => {
  it.each([
    { what: 'four months ahead', offset: 120, said: 'is not valid before' },
    { what: 'eleven years behind', offset: -11 * 365, said: 'has expired at' },
  ])('($what) is told by the doctor, and good again for kubectl after the next start', async ({ offset, said }) => {
    const made = createCertificate(hosts, new Date(Date.now() + offset * day))
    await writeFile(join(dir, 'keys', 'kube-api.pem'), `${made.certificate}${made.key}`)
    expect((await doctor()).stdout).toMatch(new RegExp(`^warn +certificate of the Kubernetes API: .* ${said}`, 'm'))
    await using platform = await startPlatform({ dir })
    const { stdout } = await run('kubectl', [
      'get',
      'engineversions',
      '-o',
      'name',
      '--kubeconfig',
      platform.kubeconfig,
    ])
    expect(stdout).toContain('galaxy-engine-1.0.0')
    expect((await doctor()).stdout).toMatch(/^ok +certificate of the Kubernetes API: valid until /m)
  })
})
