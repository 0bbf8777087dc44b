import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { createGitSource } from '../../controller/source/git/index.ts'
import { type GitSource, SourceError } from '../../controller/source/git-source.ts'
import { type GitHttpServer, gitHttpMissing, startGitHttpServer } from '../support/git-http-server.ts'
import { createRepository, isolatedGitEnvironment, type TestRepository } from '../support/git-repository.ts'
import { describeGitSource, type GitSourceHarness, gitSourceCases } from './git-source.contract.ts'
import { type Fault, faults } from './git-source.faults.ts'

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
}

function harness({ address, credentials, partialClone }: Setup): GitSourceHarness {
  const make = (
    repository: string,
    name: string,
    options: { branch?: string; lockTimeoutMs?: number } = {},
  ) =>
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
    make: ({ path }, options) => make(address(basename(path)), basename(path), options),
    makeAstray: () => make(address('nowhere'), 'nowhere'),
  }
}

const local = () => harness({ address: (name) => join(root, name), partialClone: false })

function skip(context: TestContext, reason: string): void {
  if (process.env.REQUIRE_ALL === '1') throw new Error(`REQUIRE_ALL is set, but ${reason}.`)
  context.skip(reason)
}

describeGitSource('a local path', async () => local(), undefined, skip)
describeGitSource(
  'HTTP with a login and partial clones',
  async () =>
    harness({ address: (name) => `${http?.url}/${name}/.git`, credentials: LOGIN, partialClone: true }),
  gitHttpMissing(),
  skip,
)
describeGitSource(
  'HTTP of an old server, which serves names only and whole clones only',
  async () => harness({ address: (name) => `${oldHttp?.url}/${name}/.git`, partialClone: false }),
  gitHttpMissing(),
  skip,
)

describeGitSource(
  'HTTP of an old server, which makes partial clones but serves no single files',
  async () => harness({ address: (name) => `${oldHttp?.url}/${name}/.git`, partialClone: true }),
  gitHttpMissing(),
  skip,
)

/** A correct harness whose sources have one fault. */
function withFault(fault: Fault): GitSourceHarness {
  const right = local()
  const spoil = (source: GitSource, repository: TestRepository): GitSource => {
    const faulty: GitSource = {
      listRefs: (signal) => source.listRefs(signal),
      open: (listing, signal) => source.open(listing, signal),
      ...fault.source?.(source, repository),
    }
    return {
      listRefs: faulty.listRefs,
      async open(listing, signal) {
        const snapshot = await faulty.open(listing, signal)
        return { ...snapshot, ...fault.snapshot?.(snapshot) }
      },
    }
  }
  return {
    ...right,
    make: (repository, options) => spoil(right.make(repository, options), repository),
    makeAstray: () => spoil(right.makeAstray(), {} as TestRepository),
  }
}

for (const fault of faults) {
  test(`the contract notices an adapter that ${fault.name}`, async () => {
    const one = gitSourceCases.find(({ name }) => name === fault.caught)
    if (!one) throw new Error(`There is no case "${fault.caught}".`)
    const outcome = await one.run(withFault(fault)).then(
      () => 'passed',
      (error: unknown) => error,
    )
    // By the case's own judgement or by an error of the port; anything else would be a fault of the test.
    const noticed =
      outcome instanceof SourceError || (outcome instanceof Error && outcome.name === 'AssertionError')
    expect(noticed, String(outcome)).toBe(true)
  })
}

test('every case of the contract notices some fault', () => {
  const caught = new Set(faults.map((fault) => fault.caught))
  expect(gitSourceCases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
})
