/** The files of `npm run test:long`. They take minutes, so `npm test` leaves them out. */
export const LONG = [
  'test/long/**/*.test.ts',
  'test/infra/platform.test.ts',
  'test/contract/git-source.old-http.test.ts',
]

/**
 * For the processes of tests. `node:sqlite` warns at every import. A small young generation keeps processes small:
 * the system copies the page tables of a process that starts git, which took half of its time in some files.
 */
export const EXEC_ARGV = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2']
