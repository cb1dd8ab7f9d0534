import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { query } from '../../../test/support/query.ts'
import { silentLog } from '../../platform/log.ts'
import { startPostgres } from './index.ts'

let dir = ''
const start = () => startPostgres({ dir, log: silentLog, settings: { fsync: 'off' } })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'galaxy-postgres-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('the embedded Postgres', () => {
  it('keeps what was written over a restart', async () => {
    {
      await using postgres = await start()
      await query(postgres.url, 'CREATE TABLE kept (id int)')
    }
    await using postgres = await start()
    await query(postgres.url, 'INSERT INTO kept VALUES (1)')
    expect(postgres.url).toContain('@127.0.0.1:')
  })

  it('says so when it ends without being asked', async () => {
    await using postgres = await start()
    const [pid] = (await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGQUIT')
    await expect(postgres.failed).rejects.toThrow('Postgres ended with code')
  })

  it('starts over a lock file whose process id now belongs to a stranger', async () => {
    await (await start())[Symbol.asyncDispose]()
    await writeFile(join(dir, 'data', 'postmaster.pid'), `${process.pid}\n`)
    await using postgres = await start()
    await expect(query(postgres.url, 'SELECT 1')).resolves.toBeUndefined()
  })

  it.each([
    { what: 'a control file that is damaged', damage: () => writeFile(join(dir, 'data/global/pg_control'), 'garbage') },
    { what: 'a version file that is missing', damage: () => rm(join(dir, 'data/PG_VERSION')) },
    { what: 'a password that is another', damage: () => writeFile(join(dir, 'password'), 'another\n') },
    { what: 'a password that is missing', damage: () => rm(join(dir, 'password')) },
  ])('refuses $what and says what to do', async ({ damage }) => {
    await (await start())[Symbol.asyncDispose]()
    await damage()
    await expect(start()).rejects.toThrow(/move (it|the folder) away/)
  })
})
