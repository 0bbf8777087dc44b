import { type TestContext, test } from 'vitest'
import { firstOfEachKind } from '../support/first-of-each-kind.ts'
import { describeGitSource, gitSourceKinds } from './git-source.contract.ts'
import { faults } from './git-source.faults.ts'
import { canFailOnGitHub, describeFaultsOnGitHub, gitHubHarnesses } from './git-source.github.harness.ts'
import { tagObjectCases } from './git-source.tag-objects.ts'

const on = gitHubHarnesses()

// The one case that is skipped is about holding a cache on disk, which there is none of: nothing is missing here.
const skip = (context: TestContext, reason: string) => context.skip(reason)

describeGitSource('GitHub', async () => on.harness(), undefined, skip)

for (const one of tagObjectCases)
  test(`GitHub, where its questions give no signatures: ${one.name}`, () => on.withoutSignatures(one.run))

// The long suite has all faults.
describeFaultsOnGitHub(on, firstOfEachKind(faults.filter(canFailOnGitHub), gitSourceKinds))
