import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    // node:sqlite says so at every import.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Most tests wait for other processes, so no core is kept free.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Most of this is never waited for: a busy machine may take its time.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
