import { defineConfig } from 'vitest/config'
import { EXEC_ARGV, LONG } from './test/support/long-files.ts'

/** What takes minutes: `npm run test:long`. */
export default defineConfig({
  test: {
    include: LONG,
    env: { PROPERTY_SEED: process.env.PROPERTY_SEED ?? 'random' },
    execArgv: EXEC_ARGV,
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
