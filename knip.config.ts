import type { KnipConfig } from 'knip'

export default {
  entry: ['src/main.ts', 'scripts/*.ts', 'bench/*.ts', 'test/**/*.test.ts', 'test/support/global-setup.ts'],
  project: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
  ignore: ['src/gen/**'],
} satisfies KnipConfig
