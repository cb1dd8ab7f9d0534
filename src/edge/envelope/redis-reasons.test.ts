import { describe, expect, it } from 'vitest'
import { LateReply } from './reply-timer.ts'
import { isRefusedByRedis, reasonOf, UnfitStore } from './redis-reasons.ts'

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

describe('the reason of a refusal', () => {
  it.each([
    ['OOM', "OOM command not allowed when used memory > 'maxmemory'. script: 86c6, on @user_script:1."],
    ['OOM', 'ERR Error running script (call to f_86c6): @user_script:7: @user_script: 7: -OOM command not allowed'],
    ['NOREPLICAS', 'NOREPLICAS Not enough good replicas to write.'],
    ['READONLY', "READONLY You can't write against a read only replica."],
    ['READONLY', "ERR READONLY You can't write against a read only instance"],
    ['MASTERDOWN', "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ['LOADING', 'LOADING Redis is loading the dataset in memory'],
    ['BUSY', 'BUSY Redis is busy running a script.'],
    ['MISCONF', 'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.'],
    ['NOAUTH', 'NOAUTH Authentication required.'],
    ['WRONGPASS', 'WRONGPASS invalid username-password pair or user is disabled.'],
    ['NOPERM', "NOPERM User edge has no permissions to run the 'evalsha' command"],
    ['CLUSTERDOWN', 'CLUSTERDOWN Hash slot not served'],
    ['MOVED', 'MOVED 3999 127.0.0.1:6381'],
    ['CROSSSLOT', "CROSSSLOT Keys in request don't hash to the same slot"],
    ['other', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['other', 'ERR value is out of range'],
  ])('is %s for "%s"', (reason, message) => {
    expect(reasonOf(reply(message))).toBe(reason)
    expect(isRefusedByRedis(reply(message))).toBe(true)
  })

  it.each([
    { reason: 'late', error: new LateReply('no reply within 250 ms') },
    { reason: 'evicting', error: new UnfitStore('evicting') },
    { reason: 'disconnected', error: new Error('connect ECONNREFUSED 127.0.0.1:6379') },
    { reason: 'disconnected', error: 'nothing that is an error' },
  ])('is $reason when Redis said nothing', ({ reason, error }) => {
    expect(reasonOf(error)).toBe(reason)
    expect(isRefusedByRedis(error)).toBe(false)
  })
})
