import { gitHttpMissing } from '../support/git-http-server.ts'
import { describeGitSource } from './git-source.contract.ts'
import { gitHarnesses, skip } from './git-source.harness.ts'

const on = gitHarnesses()

describeGitSource('HTTP with a login and partial clones', async () => on.modern(), gitHttpMissing(), skip)
