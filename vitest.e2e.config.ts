import { defineConfig } from 'vitest/config'

/** Tests against a real cluster and its Docker daemon, which they find through the environment: `make e2e`. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['src/**/*.{docker,pods}.test.ts', 'test/e2e/**/*.test.ts'],
          // They share one node: one file after the other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: ['test/docker/**/*.docker.test.ts'],
          fileParallelism: false,
          // Last, as they stop the daemon that the node's pods run in.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
