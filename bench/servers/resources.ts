import { runUntilSignalled } from '../../src/platform/lifecycle.ts'
import { silentLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { customKinds } from '../../src/resources/index.ts'
import { startResourceServer } from '../../src/standalone/kube/index.ts'

/** Our resource server as `galaxy up` runs it, with the token `bench`. */
const [databaseUrl = ''] = process.argv.slice(2)

await runUntilSignalled(async () => {
  await migrate({ url: databaseUrl, log: silentLog })
  const server = await startResourceServer({
    databaseUrl,
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ token: 'bench', user: 'bench', groups: ['system:masters'] }],
    kinds: customKinds,
    log: silentLog,
  })
  console.log(server.url)
  return server
})
