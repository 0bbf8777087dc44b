import { faults } from '../contract/git-source.faults.ts'
import {
  canFailOnGitHub,
  describeFaultsOnGitHub,
  gitHubHarnesses,
} from '../contract/git-source.github.harness.ts'
import { describeFaultsOnGit, gitHarnesses } from '../contract/git-source.harness.ts'

describeFaultsOnGit(gitHarnesses(), faults)
describeFaultsOnGitHub(gitHubHarnesses(), faults.filter(canFailOnGitHub))
