import { defineConfig } from 'vitest/config'

/** Far longer than anything takes, so that a slow machine does not fail what is merely slow. */
const expect = { poll: { timeout: 20_000, interval: 20 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          // The last two are for `make e2e`.
          exclude: ['**/*.db.test.ts', '**/*.docker.test.ts', '**/*.pods.test.ts'],
          testTimeout: 30_000,
          expect,
        },
      },
      {
        test: {
          name: 'whole',
          include: ['src/**/*.db.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/e2e/**', 'test/docker/**'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect,
        },
      },
    ],
  },
})
