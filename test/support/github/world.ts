import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitHubSource, GitHubSourceOptions } from '../../../controller/source/github/index.ts'
import { createRepository, type TestRepository } from '../git-repository.ts'
import { type FakeClock, fakeClock, sourceOn, TOKEN } from './source.ts'
import { type GitHubOptions, type GitHubStandIn, startGitHub } from './start.ts'

/** A repository without commits, `acme/prompts`, on a separate stand-in where time passes only in waits. */
export interface GitHubWorld {
  readonly root: string
  readonly repository: TestRepository
  readonly github: GitHubStandIn
  readonly clock: FakeClock
  source(options?: Partial<GitHubSourceOptions>): GitHubSource
  /** Requests since the last call, oldest first: the operation, and the status unless it is 200. */
  asked(): string[]
}

export async function withGitHub(
  run: (world: GitHubWorld) => Promise<void>,
  options: Partial<GitHubOptions> = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'github-'))
  const clock = fakeClock()
  const repository = await createRepository(join(root, 'repo'))
  const github = await startGitHub({
    repositoryPath: repository.path,
    ...{ owner: 'acme', name: 'prompts', token: TOKEN, now: clock.now, ...options },
  })
  const asked = () =>
    github.requests
      .splice(0)
      .map(({ operation, status }) => (status === 200 ? short(operation) : `${short(operation)} ${status}`))
  let failed = true
  try {
    await run({ root, repository, github, clock, asked, source: (change) => sourceOn(github, clock, change) })
    failed = false
  } finally {
    // A failure of the test itself is more useful than a violation of GitHub's description.
    await (failed ? github.close().catch(() => undefined) : github.close())
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }
}

function short(operation: string): string {
  return operation.replace('/repos/{owner}/{repo}', '') || operation
}
