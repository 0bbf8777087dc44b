import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, type TestContext, test } from 'vitest'
import { createGitSource } from '../../controller/source/git/index.ts'
import { type GitHttpServer, gitHttpMissing, startGitHttpServer } from '../support/git-http-server.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import type { GitSourceHarness, HarnessOptions } from './git-source.contract.ts'
import { expectNoticed, type Fault } from './git-source.faults.ts'

/** Git on this machine, with a place for its repositories: on a path, and behind two servers. */
export interface GitHarnesses {
  local(): GitSourceHarness
  /** A server with a login and partial clones. */
  modern(): GitSourceHarness
  /** A server without version 2 of the protocol. */
  old(options: { readonly partialClone: boolean }): GitSourceHarness
}

interface Setup {
  /** Where git finds the repository in the folder `name`. */
  readonly address: (name: string) => string
  readonly credentials?: { username: string; password: string }
  readonly partialClone: boolean
  readonly server?: GitHttpServer | undefined
}

const LOGIN = { username: 'robot', password: 'p@ss/word+1' }

/** Starts the servers before the tests of this file, and ends them after. */
export function gitHarnesses(): GitHarnesses {
  let root: string
  let http: GitHttpServer | undefined
  let oldHttp: GitHttpServer | undefined
  let count = 0

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'git-source-'))
    if (gitHttpMissing()) return
    http = await startGitHttpServer({ root, login: LOGIN })
    oldHttp = await startGitHttpServer({ root, oldProtocol: true })
  })

  afterAll(async () => {
    await http?.close()
    await oldHttp?.close()
    await rm(root, { recursive: true, force: true })
  })

  function harness({ address, credentials, partialClone, server }: Setup): GitSourceHarness {
    const make = (repository: string, name: string, options: HarnessOptions = {}) =>
      createGitSource({
        repository,
        cacheDir: join(root, `${name}-cache`),
        credentials,
        env: isolatedGitEnvironment(),
        ...options,
      })
    return {
      exclusive: true,
      async createRepository() {
        const repository = await createRepository(join(root, `repository-${++count}`))
        if (partialClone) await repository.git('config', 'uploadpack.allowFilter', 'true')
        return repository
      },
      propose: async ({ git }, number, commit) => {
        await git('update-ref', `refs/pull/${number}/head`, commit)
      },
      async vanish({ path }) {
        await rename(path, `${path}-away`)
        return () => rename(`${path}-away`, path)
      },
      ...(server !== undefined && { cutListings: () => cutAnswers(server) }),
      make: ({ path }, options) => make(address(basename(path)), basename(path), options),
      makeAstray: () => make(address('nowhere'), 'nowhere'),
    }
  }

  function overHttp(server: GitHttpServer | undefined, options: Pick<Setup, 'credentials' | 'partialClone'>) {
    return harness({ address: (name) => `${server?.url}/${name}/.git`, server, ...options })
  }

  return {
    local: () => harness({ address: (name) => join(root, name), partialClone: false }),
    modern: () => overHttp(http, { credentials: LOGIN, partialClone: true }),
    old: (options) => overHttp(oldHttp, options),
  }
}

/** After so many bytes that what the server can do still arrives, and a long listing does not. */
function cutAnswers(server: GitHttpServer): () => void {
  server.cut = { bytes: 1_500, politely: true }
  return () => {
    server.cut = undefined
  }
}

export function skip(context: TestContext, reason: string): void {
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL is set, but ${reason}.`)
  context.skip(reason)
}

/** Shows that the cases can fail: each fault fails the case named for it. */
export function describeFaultsOnGit(on: GitHarnesses, some: readonly Fault[]): void {
  for (const fault of some)
    test(`the contract notices an adapter that ${fault.name}`, (context) => {
      const overHttp = fault.needs === 'connection'
      const missing = overHttp ? gitHttpMissing() : undefined
      if (missing) return skip(context, missing)
      return expectNoticed(fault, overHttp ? on.modern() : on.local())
    })
}
