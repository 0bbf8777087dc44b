import { gitHttpMissing } from '../support/git-http-server.ts'
import { describeGitSource } from './git-source.contract.ts'
import { gitHarnesses, skip } from './git-source.harness.ts'

const on = gitHarnesses()

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
