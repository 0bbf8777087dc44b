import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { createMemoryCache, type GitHubCache } from '../../controller/source/github/index.ts'
import { createRepository } from '../support/git-repository.ts'
import { fakeClock, sourceOn, TOKEN } from '../support/github/source.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/start.ts'
import type { GitSourceHarness, HarnessOptions } from './git-source.contract.ts'
import { expectNoticed, type Fault } from './git-source.faults.ts'

export interface GitHubHarnesses {
  harness(): GitSourceHarness
  /** Runs with a GitHub whose GraphQL answers give no signatures. */
  withoutSignatures(run: (harness: GitSourceHarness) => Promise<void>): Promise<void>
}

/** Starts the stand-in before the tests of this file, and ends it after. */
export function gitHubHarnesses(): GitHubHarnesses {
  let root: string
  let github: GitHubStandIn
  let count = 0

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'github-source-'))
    github = await startGitHub({ token: TOKEN, now: fakeClock().now })
    // Half of GitHub's own: long answers are checked at length.
    github.limits.treeEntries = 51_000
  })

  afterAll(async () => {
    await github.close()
    await rm(root, { recursive: true, force: true })
  })

  function harness(): GitSourceHarness {
    const caches = new Map<string, GitHubCache>()
    const make = (name: string, { branch, isReleaseBranch, evidence }: HarnessOptions = {}) => {
      const cache = caches.get(name) ?? createMemoryCache()
      caches.set(name, cache)
      return sourceOn(github, fakeClock(), {
        repository: `acme/${name}`,
        ...{ branch, isReleaseBranch, evidence, cache },
        // The stand-in builds long answers in this process, which takes longer where others compute too.
        limits: { firstByteMs: 60_000, silenceMs: 60_000 },
      })
    }
    return {
      exclusive: false,
      async createRepository() {
        const repository = await createRepository(join(root, `repository-${++count}`))
        github.host('acme', basename(repository.path), repository.path)
        return repository
      },
      async propose({ path, git }, number, commit) {
        await git('update-ref', `refs/pull/${number}/head`, commit)
        const { pullRequests } = github.shown('acme', basename(path))
        if (!pullRequests.some((one) => one.number === number))
          pullRequests.push({ number, base: 'main', state: 'open', fork: false })
      },
      async vanish({ path }) {
        github.remove('acme', basename(path))
        return async () => github.host('acme', basename(path), path)
      },
      cutListings() {
        github.alter = (operation, answer) =>
          operation.includes('matching-refs')
            ? { ...answer, body: (answer.body as unknown[]).slice(5) }
            : answer
        return () => {
          github.alter = (_, answer) => answer
        }
      },
      make: ({ path }, options) => make(basename(path), options),
      makeAstray: () => make('nowhere'),
    }
  }

  return {
    harness,
    async withoutSignatures(run) {
      github.limits.signedMessages = false
      try {
        await run(harness())
      } finally {
        github.limits.signedMessages = true
      }
    },
  }
}

/** Shows that the cases can fail: each fault fails the case named for it. */
export function describeFaultsOnGitHub(on: GitHubHarnesses, some: readonly Fault[]): void {
  for (const fault of some)
    test(`the contract notices a GitHub source that ${fault.name}`, () => expectNoticed(fault, on.harness()))
}

/** GitHub has no cache to hold, and leaves out tags that are no commits. */
export const canFailOnGitHub = ({ needs }: Fault) => needs === undefined || needs === 'connection'
