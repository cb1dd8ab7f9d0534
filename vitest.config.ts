import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          // The last two are for `make e2e`.
          exclude: ['**/*.db.test.ts', '**/*.docker.test.ts', '**/*.pods.test.ts'],
        },
      },
      {
        test: {
          name: 'whole',
          include: ['src/**/*.db.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/e2e/**'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
