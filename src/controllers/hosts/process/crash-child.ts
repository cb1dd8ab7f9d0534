import { silentLog } from '../../../platform/log.ts'
import { createProcessHost } from './host.ts'

/** For tests: a platform that starts engines one after the other until it is killed. */
const [dir = '', image = '', count = '0'] = process.argv.slice(2)
const host = await createProcessHost({ dir, images: {}, allowFileImages: true, log: silentLog })
process.stdout.write('ready\n')
await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    host.start({
      game: { namespace: 'default', name: `g${index}`, uid: `uid-${index}` },
      image,
      epoch: 1,
      env: [],
      resources: { requests: {}, limits: {} },
      storage: {},
    }),
  ),
)
process.stdout.write('started\n')
