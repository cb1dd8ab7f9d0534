import { silentLog } from '../../../platform/log.ts'
import { createDockerHost } from './host.ts'
import { testInstance } from './test-daemon.ts'

/** For tests: a platform that starts engines all at once until it is killed. */
const [socket = '', image = '', count = '0'] = process.argv.slice(2)
const host = await createDockerHost({ socket, instance: testInstance, log: silentLog })
process.stdout.write('ready\n')
await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    host.start({
      game: { namespace: 'default', name: `crash-${index}`, uid: `uid-crash-${index}` },
      image,
      epoch: 1,
      env: [],
      resources: { requests: {}, limits: {} },
      storage: {},
    }),
  ),
)
process.stdout.write('started\n')
await host[Symbol.asyncDispose]()
