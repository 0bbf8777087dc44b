import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { EXEC_ARGV, LONG, SLOW, SLOW_ON_AWS } from './test/support/long-files.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/**
 * Files that leave their process as they found it, so one process runs many of them. Each other file has a process
 * of its own: it changes globals, or starts so many processes that a large heap would slow each start.
 */
const SHARED = [
  'test/*.test.ts',
  'test/api/*.test.ts',
  'test/api/{contract,http,registry}/**/*.test.ts',
  'test/client/!(imports|package|process).test.ts',
  'test/controller/{configuration,findings,mcp,plan,prompts,releases,state,values,watch,wiring}/**/*.test.ts',
  'test/controller/cli/!(process).test.ts',
  'test/controller/lambda/!(bundle|handler).test.ts',
  'test/docs/**/*.test.ts',
  'test/scripts/zip.test.ts',
]

const ELSEWHERE = [...LONG, ...SLOW, ...SLOW_ON_AWS]

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'shared', include: SHARED, exclude: ELSEWHERE, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...SHARED],
        },
      },
    ],
    execArgv: EXEC_ARGV,
    // One more than there are cores: Terraform, silent hosts and timers are mostly waited for.
    maxWorkers: availableParallelism() + 1,
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    // Most of this is never waited for: a busy machine may take its time.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
