/** The files of `npm run test:long`. They take minutes, so `npm test` leaves them out. */
export const LONG = [
  'test/long/**/*.test.ts',
  'test/infra/platform.test.ts',
  'test/contract/git-source.old-http.test.ts',
  'test/docs/coming-from-terraform.test.ts',
  'test/api/store/aws/faults.test.ts',
  'test/e2e/secrets-on-aws.test.ts',
]

/** Files of both suites. The long one tries more cases: `runs` in fast-check.ts. */
export const MORE_CASES = [
  'test/**/*.property.test.ts',
  'test/controller/values/glob.test.ts',
  'test/controller/state/next-state.test.ts',
]

/**
 * For the processes of tests. `node:sqlite` warns at every import. A small young generation keeps processes small:
 * the system copies the page tables of a process that starts git, which took half of its time in some files.
 */
export const EXEC_ARGV = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2']
