import type { KnipConfig } from 'knip'

export default {
  entry: [
    'src/main.ts',
    'src/engine/main.ts',
    'scripts/*.ts',
    'scripts/image/*.ts',
    'bench/*.ts',
    'bench/servers/*.ts',
    'test/**/*.test.ts',
    'test/play/browser/page.ts',
    'test/support/auction-engine.ts',
  ],
  project: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
  ignore: ['src/gen/**'],
  // Installed by scripts/setup.sh where it is missing.
  ignoreBinaries: ['kubectl', 'redis-server'],
  // A door names the types of what it hands out, whether or not somebody outside writes them down today.
  rules: { types: 'off' },
} satisfies KnipConfig
