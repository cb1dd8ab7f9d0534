import { spawnSync } from 'node:child_process'

/** Compares `proto/` with what is committed: what a client already speaks may only grow. */
const committed = spawnSync('git', ['archive', '--format=tar', 'HEAD', 'buf.yaml', 'proto'], { maxBuffer: 64_000_000 })
if (committed.status === 0) {
  const against = ['breaking', '--against', '-#format=tar']
  process.exitCode =
    spawnSync('buf', against, { input: committed.stdout, stdio: ['pipe', 'inherit', 'inherit'] }).status ?? 1
} else console.error('check-wire: no git history here, so there is nothing to compare with')
