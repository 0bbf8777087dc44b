import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { createGitSource } from '../../controller/source/git/index.ts'
import { type GitHttpServer, gitHttpMissing, startGitHttpServer } from '../support/git-http-server.ts'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import {
  describeGitSource,
  type GitSourceHarness,
  gitSourceCases,
  type HarnessOptions,
} from './git-source.contract.ts'
import { expectNoticed, faults } from './git-source.faults.ts'

const LOGIN = { username: 'robot', password: 'p@ss/word+1' }
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

interface Setup {
  /** Where git finds the repository in the folder `name`. */
  readonly address: (name: string) => string
  readonly credentials?: { username: string; password: string }
  readonly partialClone: boolean
  readonly server?: GitHttpServer | undefined
}

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

/** After so many bytes that what the server can do still arrives, and a long listing does not. */
function cutAnswers(server: GitHttpServer): () => void {
  server.cut = { bytes: 1_500, politely: true }
  return () => {
    server.cut = undefined
  }
}

const local = () => harness({ address: (name) => join(root, name), partialClone: false })

function overHttp(server: GitHttpServer | undefined, options: Pick<Setup, 'credentials' | 'partialClone'>) {
  return harness({ address: (name) => `${server?.url}/${name}/.git`, server, ...options })
}

const modern = () => overHttp(http, { credentials: LOGIN, partialClone: true })

function skip(context: TestContext, reason: string): void {
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL is set, but ${reason}.`)
  context.skip(reason)
}

describeGitSource('a local path', async () => local(), undefined, skip)
describeGitSource('HTTP with a login and partial clones', async () => modern(), gitHttpMissing(), skip)
describeGitSource(
  'HTTP of an old server, which serves names only and whole clones only',
  async () => overHttp(oldHttp, { partialClone: false }),
  gitHttpMissing(),
  skip,
)

describeGitSource(
  'HTTP of an old server, which makes partial clones but serves no single files',
  async () => overHttp(oldHttp, { partialClone: true }),
  gitHttpMissing(),
  skip,
)

for (const fault of faults)
  test(`the contract notices an adapter that ${fault.name}`, (context) => {
    const missing = fault.needs === 'connection' ? gitHttpMissing() : undefined
    if (missing) return skip(context, missing)
    return expectNoticed(fault, fault.needs === 'connection' ? modern() : local())
  })

test('every case of the contract notices some fault', () => {
  const caught = new Set(faults.map((fault) => fault.caught))
  expect(gitSourceCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
})
