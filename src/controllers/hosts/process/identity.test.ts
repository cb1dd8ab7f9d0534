import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { childIdentity, isProcess, parsePidFile, processIdentity, seemsToRun } from './identity.ts'

describe('the identity of a process', () => {
  it('stays as long as it lives, and is gone with it', async () => {
    const child = spawn('sleep', ['60'])
    const known = await childIdentity(child.pid ?? 0)
    expect([await isProcess(known), seemsToRun(known)]).toEqual([true, true])
    child.kill()
    await once(child, 'exit')
    expect([await isProcess(known), seemsToRun(known)]).toEqual([false, false])
  })

  it('is not that of another process with the same id', async () => {
    const identity = (await processIdentity(process.pid)) ?? ''
    const other = { pid: process.pid, identity: `${identity}1` }
    expect([await isProcess(other), seemsToRun(other)]).toEqual([false, false])
    const earlierBoot = { pid: process.pid, identity: identity.replace(/^[^/]*/, 'an-earlier-boot') }
    expect(await isProcess(earlierBoot)).toBe(false)
  })

  it('is that which the process tells of itself in a pid file', async () => {
    const script =
      'read -r s </proc/$$/stat; read -r b </proc/sys/kernel/random/boot_id; printf "%s\\n" $$ "$b" "$s" end; exec sleep 60'
    const child = spawn('sh', ['-c', script])
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(parsePidFile(said.toString())).toEqual(await childIdentity(child.pid ?? 0))
    child.kill()
    await once(child, 'exit')
  })

  it.each([
    '',
    '12',
    '12\nboot\n',
    '12\nboot\n12 (sh) S 1',
    '12\nboot\nstat\nen',
    'x\nboot\nstat\nend\n',
    '-1\nb\ns\nend\n',
  ])('is not read from a torn pid file (%j)', (text) => {
    expect(parsePidFile(text)).toBeUndefined()
  })
})
