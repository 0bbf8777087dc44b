import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { EXEC_ARGV, LONG, MORE_CASES, NO_WARNINGS, SLOW, SLOW_ON_AWS } from './test/support/long-files.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/** What takes minutes: `npm run test:long`. */
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'slow', include: SLOW } },
      { extends: true, test: { name: 'slow-aws', include: SLOW_ON_AWS, isolate: false } },
      {
        extends: true,
        test: {
          name: 'long',
          include: [...LONG, ...MORE_CASES],
          // Without the small young generation, whose collections took a third of the longest history.
          execArgv: NO_WARNINGS,
          env: { PROPERTY_SEED: process.env.PROPERTY_SEED ?? 'random', PROPERTY_RUNS: '10' },
        },
      },
    ],
    execArgv: EXEC_ARGV,
    maxWorkers: availableParallelism() + 1,
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 30_000 } },
    // Whole journeys, which a busy machine may take minutes for.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
