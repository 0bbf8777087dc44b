/** Suites that are too slow for `npm test`: `npm run test:long -- --project 'slow*'`, which .ci/run runs too. */
export const SLOW = [
  'test/client/package.test.ts',
  'test/conformance/python.test.ts',
  'test/console/{accessibility,journeys}.test.ts',
  'test/contract/git-source.{github,http,old-http}.test.ts',
  'test/controller/cli/{backup.aws,terminal}.test.ts',
  'test/controller/report/{pull-requests,read-pull-request,reporting}.test.ts',
  'test/controller/source/{git,git-errors,git-recovery,git-silence}.test.ts',
  'test/docs/{coming-from-terraform,exit-codes}.test.ts',
  'test/e2e/{by-hand,causes,evidence,first-run,kill,moves,newcomer,only-what-was-released-is-served,posted-evidence,private-files}.test.ts',
  'test/e2e/{format-differs,odd-ids,rules-owners,safety-mass-change,skill-folders}.test.ts',
  'test/e2e/{replay,rules-failures,rules-releases,sample-files,secrets,secrets-on-aws,status-says-what-is-so,unsafe-text}.test.ts',
  'test/infra/platform.test.ts',
  'test/scripts/{action,deploy,promptctl-package,terminal-pictures}.test.ts',
]

/** The same. They share the emulator of their process, which takes seconds to start. */
export const SLOW_ON_AWS = [
  'test/api/lambda/{adopt,faults,on-aws}.test.ts',
  'test/api/store/aws/*.test.ts',
  'test/contract/*-store.aws.test.ts',
  'test/controller/cli/{adopt,signed-rollback.aws}.test.ts',
]

/** Take minutes each: `npm run test:long`. */
export const LONG = ['test/long/**/*.test.ts']

/** In `npm test` too. The long suite tries more cases: `runs` in fast-check.ts. */
export const MORE_CASES = [
  'test/**/*.property.test.ts',
  'test/controller/values/glob.test.ts',
  'test/controller/state/next-state.test.ts',
]

/** `node:sqlite` warns at every import. */
export const NO_WARNINGS = ['--disable-warning=ExperimentalWarning']

/**
 * For the processes of tests. A small young generation keeps processes small:
 * the system copies the page tables of a process that starts git, which took half of its time in some files.
 */
export const EXEC_ARGV = [...NO_WARNINGS, '--max-semi-space-size=2']
