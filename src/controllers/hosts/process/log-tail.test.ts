import { appendFile, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cutLog, logTail, trimLog } from './log-tail.ts'

let log = ''
beforeEach(async () => {
  log = join(await mkdtemp(join(tmpdir(), 'galaxy-log-')), 'engine.log')
})
afterEach(() => rm(join(log, '..'), { recursive: true, force: true }))

describe('the last words of an engine', () => {
  it('are those since its start, not what an earlier one said', async () => {
    await writeFile(log, 'earlier\n')
    const from = await trimLog(log)
    expect(await logTail(log, from)).toBeUndefined()
    await appendFile(log, 'later\n')
    expect(await logTail(log, from)).toBe('later')
  })

  it('are the end of many', async () => {
    await writeFile(log, `${'x'.repeat(10_000)}\nthe end\n`)
    const tail = await logTail(log, 0)
    expect(tail?.length).toBeLessThanOrEqual(4096)
    expect(tail?.endsWith('x\nthe end')).toBe(true)
  })

  it('carry no control characters', async () => {
    await writeFile(
      log,
      '\u001B[31mred\u001B[0m\u0007\tand\u0000 \u001B]0;title\u0007plain\r\nsecond line\n[INFO] third\n',
    )
    expect(await logTail(log, 0)).toBe('red\tand ]0;titleplain\nsecond line\n[INFO] third')
  })

  it('are none when there is no log', async () => {
    expect(await logTail(log, 0)).toBeUndefined()
    expect(await trimLog(log)).toBe(0)
  })
})

it('a log that grew very long while its engine runs is cut in place, and written on', async () => {
  await using engine = await open(log, 'a')
  await engine.write('x'.repeat(10_000_000))
  await cutLog(log)
  expect((await engine.stat()).size).toBe(10_000_000)
  await engine.write(`${'x'.repeat(7_000_000)}before `)
  await cutLog(log)
  await engine.write('after')
  expect((await stat(log)).size).toBe(1_000_005)
  // Its start was further on than the file is long now.
  expect((await logTail(log, 9_000_000))?.endsWith('xbefore after')).toBe(true)
})

it('a log that grew long is cut down to its end at the next start', async () => {
  await writeFile(log, `${'x'.repeat(3_000_000)}the end`)
  expect(await trimLog(log)).toBe(1_000_000)
  expect((await stat(log)).size).toBe(1_000_000)
  expect((await logTail(log, 0))?.endsWith('xthe end')).toBe(true)
})
