import { defineConfig } from 'vitest/config'

/** Long tests that `make test` leaves out: `make faults`. */
export default defineConfig({
  test: { include: ['test/faults/**/*.test.ts'], testTimeout: 1_200_000, hookTimeout: 120_000, fileParallelism: false },
})
