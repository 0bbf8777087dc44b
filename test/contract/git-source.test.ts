import { expect, test } from 'vitest'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { gitHttpMissing } from '../support/git-http-server.ts'
import { describeGitSource, gitSourceCases, gitSourceKinds } from './git-source.contract.ts'
import { faults } from './git-source.faults.ts'
import { describeFaultsOnGit, gitHarnesses, skip } from './git-source.harness.ts'

const on = gitHarnesses()

describeGitSource('a local path', async () => on.local(), undefined, skip)
describeGitSource('HTTP with a login and partial clones', async () => on.modern(), gitHttpMissing(), skip)
describeGitSource(
  'HTTP of an old server, which serves names only and whole clones only',
  async () => on.old({ partialClone: false }),
  gitHttpMissing(),
  skip,
)

describeGitSource(
  'HTTP of an old server, which makes partial clones but serves no single files',
  async () => on.old({ partialClone: true }),
  gitHttpMissing(),
  skip,
)

// The long suite has all faults.
describeFaultsOnGit(on, firstOfEachKind(faults, gitSourceKinds))

test('every case of the contract notices some fault', () => {
  const caught = new Set(faults.map((fault) => fault.caught))
  expect(gitSourceCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
})
