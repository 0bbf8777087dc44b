import { defineConfig } from 'vitest/config'

/** What takes minutes: `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    env: { PROPERTY_SEED: process.env.PROPERTY_SEED ?? 'random' },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
