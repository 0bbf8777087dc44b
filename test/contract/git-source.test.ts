import { expect, test } from 'vitest'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { describeGitSource, gitSourceCases, gitSourceKinds } from './git-source.contract.ts'
import { faults } from './git-source.faults.ts'
import { describeFaultsOnGit, gitHarnesses, skip } from './git-source.harness.ts'

const on = gitHarnesses()

describeGitSource('a local path', async () => on.local(), undefined, skip)

// The long suite has all faults.
describeFaultsOnGit(on, firstOfEachKind(faults, gitSourceKinds))

test('every case of the contract notices some fault', () => {
  const caught = new Set(faults.map((fault) => fault.caught))
  expect(gitSourceCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
})
