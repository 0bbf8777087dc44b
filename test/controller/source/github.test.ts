import { expect, test } from 'vitest'
import type { GitSource } from '../../../controller/source/git-source.ts'
import { createMemoryCache, storeOf } from '../../../controller/source/github/cache.ts'
import { createGitHubClient } from '../../../controller/source/github/client.ts'
import { listBranches } from '../../../controller/source/github/list-branches.ts'
import { listTags } from '../../../controller/source/github/list-tags.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { clientOptionsOn, fakeClock } from '../../support/github/source.ts'
import { startGitHub } from '../../support/github/start.ts'
import { withGitHub } from '../../support/github/world.ts'

const TAGS = 'GET /git/matching-refs/{ref}'
const HEAD = 'GET /git/ref/{ref}'
const REPOSITORY = 'GET '

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

async function release(repository: TestRepository): Promise<string> {
  const commit = await repository.commit({ 'a.txt': '1' })
  await repository.tag('light')
  await repository.tag('noted', { annotated: true })
  return commit
}

const listed = (tags: readonly string[], commit: string) => tags.map((name) => ({ name, commit }))

test('sends three free requests if nothing moved, or two with a configured branch', () =>
  withGitHub(async ({ repository, github, source, asked }) => {
    const commit = await release(repository)
    for (const [branch, questions] of [
      [undefined, [TAGS, REPOSITORY, HEAD]],
      ['main', [TAGS, HEAD]],
    ] as const) {
      const one = source({ branch })
      const first = await one.listRefs()
      expect(first).toMatchObject({ branch: 'main', commit, tags: listed(['light', 'noted'], commit) })
      asked()
      const { remaining } = github.quota.core
      expect(await one.listRefs()).toEqual(first)
      expect(asked()).toEqual(questions.map((question) => `${question} 304`))
      expect(github.quota.core.remaining).toBe(remaining)
    }
  }))

test('sends few requests for a new tag, and none about the others', () =>
  withGitHub(async ({ repository, source, asked }) => {
    const commit = await release(repository)
    const one = source()
    await one.listRefs()
    asked()
    await repository.tag('more')
    expect((await one.listRefs()).tags).toMatchObject(listed(['light', 'more', 'noted'], commit))
    expect(asked()).toEqual([TAGS, 'query CountTags', `${REPOSITORY} 304`, `${HEAD} 304`])
    await repository.tag('wordy', { annotated: true })
    expect((await one.listRefs()).tags).toMatchObject(listed(['light', 'more', 'noted', 'wordy'], commit))
    expect(asked()).toEqual([TAGS, 'query CountTags', 'query PeelTags', `${REPOSITORY} 304`, `${HEAD} 304`])
  }))

test('lists 5,000 tags, half of them annotated, with a request per hundred annotated tags', () =>
  withGitHub(async ({ repository, github, source, asked }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const names = Array.from({ length: 5_000 }, (_, index) => `v1.${index}.0`)
    const lines = names.map((name, index) =>
      index % 2 === 0
        ? `reset refs/tags/${name}\nfrom ${commit}\n`
        : `tag ${name}\nfrom ${commit}\ntagger Cleo <cleo@example.com> 1770000000 +0000\ndata 1\nx\n`,
    )
    await repository.gitWith(lines.join(''), 'fast-import', '--quiet')
    const one = source()
    const refs = await one.listRefs()
    expect(refs.tags).toMatchObject(listed(names.sort(), commit))
    expect(asked().filter((question) => question === 'query PeelTags')).toHaveLength(25)
    expect(await one.listRefs()).toEqual(refs)
    expect(asked()).toEqual([`${TAGS} 304`, `${REPOSITORY} 304`, `${HEAD} 304`])
    expect(github.quota.graphql.remaining).toBe(5_000 - 26)
  }))

test('lists release branches instead of the branch, and sends few requests if one moved', () =>
  withGitHub(async ({ repository, github, source, asked }) => {
    const commit = await release(repository)
    await repository.git('branch', 'release/1.0')
    await repository.git('branch', 'topic')
    const one = source({ branch: 'main', isReleaseBranch: (name) => name.startsWith('release/') })
    const branches = [{ name: 'release/1.0', commit }]
    expect(await one.listRefs()).toMatchObject({ branch: 'main', commit, branches })
    asked()
    const { remaining } = github.quota.core
    expect(await one.listRefs()).toMatchObject({ branch: 'main', commit, branches })
    expect(asked()).toEqual([`${TAGS} 304`, `${TAGS} 304`])
    expect(github.quota.core.remaining).toBe(remaining)
    await repository.commit({ 'a.txt': '2' })
    await one.listRefs()
    expect(asked()).toEqual([`${TAGS} 304`, TAGS, 'query CountBranches'])
  }))

test('does not accept a listing that lacks a branch', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    await repository.git('branch', 'release/1.0')
    github.alter = (operation, answer) => {
      const refs = answer.body as { ref: string }[]
      if (!operation.includes('matching-refs')) return answer
      return { ...answer, body: refs.filter(({ ref }) => ref !== 'refs/heads/release/1.0') }
    }
    const one = source({ isReleaseBranch: () => true })
    await expect(one.listRefs()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/every ref/),
    })
  }))

test('lists tags and branches up to the limit, and refuses one more', () =>
  withGitHub(async ({ repository, github }) => {
    await release(repository)
    await repository.git('branch', 'release/1.0')
    const { api } = createGitHubClient(clientOptionsOn(github, fakeClock()))
    const store = storeOf(createMemoryCache(), {
      apiUrl: '',
      owner: 'acme',
      name: 'prompts',
      token: undefined,
    })
    const listing = { api, store, pause: async () => {} }
    expect(await listTags(listing, 2)).toHaveLength(2)
    expect(await listBranches(listing, () => true, 2)).toHaveLength(2)
    await repository.tag('third')
    await repository.git('branch', 'third')
    const tooLarge = { code: 'too_large', message: /more than 2 tags/ }
    await expect(listTags(listing, 2)).rejects.toMatchObject(tooLarge)
    await expect(listBranches(listing, () => true, 2)).rejects.toMatchObject(tooLarge)
    expect(await listBranches(listing, (name) => name !== 'third', 2)).toHaveLength(2)
  }))

test('peels thirty nested tags, and does not follow a longer chain', () =>
  withGitHub(async ({ repository, source }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const chain = async (length: number) => {
      let at = 'HEAD'
      for (let depth = 1; depth <= length; depth++) {
        await repository.tag('nested', { annotated: true, at, force: true })
        at = await repository.git('rev-parse', 'refs/tags/nested')
      }
      return at
    }
    await chain(30)
    expect((await source().listRefs()).tags).toMatchObject(listed(['nested'], commit))
    const object = await chain(31)
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'too_large', object })
  }))

test('follows all pages each time, if there are any', () =>
  withGitHub(async ({ repository, github, source }) => {
    github.limits.refsPerPage = 2
    const commit = await repository.commit({ 'a.txt': '1' })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await repository.tag(name)
    const one = source()
    expect((await one.listRefs()).tags).toMatchObject(listed(['a', 'b', 'c', 'd', 'e'], commit))
    await repository.deleteTag('e')
    expect((await one.listRefs()).tags).toMatchObject(listed(['a', 'b', 'c', 'd'], commit))
  }))

test('retries an incomplete listing of tags, and then gives up', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const one = source()
    const truth = await one.listRefs()
    await repository.tag('x3')
    let short = 0
    github.alter = (operation, answer) => {
      if (!operation.includes('matching-refs') || short-- <= 0) return answer
      return { ...answer, body: (answer.body as unknown[]).slice(1) }
    }
    short = 1
    expect((await one.listRefs()).tags).toHaveLength(truth.tags.length + 1)
    await repository.tag('x4')
    short = Number.POSITIVE_INFINITY
    await expect(one.listRefs()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/every ref/),
    })
    short = 0
    expect((await one.listRefs()).tags).toHaveLength(truth.tags.length + 2)
  }))

test('retries a truncated response, with or without an error, and then gives up', () =>
  withGitHub(async ({ repository, github, source, clock }) => {
    await release(repository)
    const truth = await source().listRefs()
    const body = [{ ref: 'refs/tags/light' }]
    const cuts = [
      { status: 200, body, cutAfter: 10 },
      { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('[{"ref":') },
    ]
    for (const trouble of cuts) {
      let left = 2
      github.intercept = (operation) =>
        operation.includes('matching-refs') && left-- > 0 ? trouble : undefined
      expect(await source().listRefs()).toEqual(truth)
      left = Number.POSITIVE_INFINITY
      await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable' })
    }
    // Twice for each that succeeded, three times for each that did not; longer each time.
    expect(clock.waits).toEqual([375, 750, 375, 750, 1500, 375, 750, 375, 750, 1500])
  }))

test('does not accept a partial response', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const errors = [
      { message: 'Something went wrong while executing your query.', path: ['repository', 'o0'] },
    ]
    for (const partial of ['query PeelTags', 'query CountTags']) {
      github.alter = (operation, answer) =>
        operation === partial ? { ...answer, body: { ...(answer.body as object), errors } } : answer
      await expect(source().listRefs()).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(/incomplete or unexpected/),
      })
    }
    github.alter = (operation, answer) =>
      operation === 'query PeelTags' ? { ...answer, body: { data: { repository: {} } } } : answer
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable' })
  }))

test('reports what to do if the repository disappeared, and continues when it is back', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const one = source()
    const refs = await one.listRefs()
    github.remove('acme', 'prompts')
    const message = expect.stringMatching(/not show the repository acme\/prompts with .+\. Check the address/)
    await expect(one.listRefs()).rejects.toMatchObject({ code: 'not_found', message })
    const snapshot = await one.open(refs)
    await expect(snapshot.tree(refs.commit, WHOLE_TREE)).rejects.toMatchObject({
      code: 'not_found',
      message,
    })
    await snapshot.close()
    github.host('acme', 'prompts', repository.path)
    expect(await one.listRefs()).toEqual(refs)
  }))

test('follows a repository that was renamed on the same host', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const truth = await source().listRefs()
    github.host('acme', 'renamed', repository.path)
    github.intercept = (_, path) =>
      path.startsWith('/repos/acme/prompts')
        ? { status: 301, headers: { location: path.replace('/prompts', '/renamed') } }
        : undefined
    expect(await source().listRefs()).toEqual(truth)
  }))

test('sends no request to other hosts, wherever responses point', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const other = await startGitHub({ repositoryPath: repository.path, owner: 'acme', name: 'prompts' })
    const elsewhere = `${other.url}/repos/acme/prompts/git/matching-refs/tags`
    for (const trouble of [
      { status: 301, headers: { location: elsewhere } },
      { status: 307, headers: { location: 'http://' } },
      { status: 200, headers: { link: `<${elsewhere}?page=2>; rel="next"` }, body: [] },
    ]) {
      github.intercept = () => trouble
      await expect(source().listRefs()).rejects.toMatchObject({
        code: 'redirected',
        message: expect.stringMatching(/redirects/),
      })
    }
    expect(other.requests).toEqual([])
    await other.close()
  }))

test('follows at most three redirects', () =>
  withGitHub(async ({ github, source }) => {
    github.intercept = (_, path) => ({ status: 302, headers: { location: path } })
    await expect(source().listRefs()).rejects.toMatchObject({
      code: 'redirected',
      message: expect.stringMatching(/redirects/),
    })
    expect(github.requests).toHaveLength(4)
  }))

test('does not accept another branch with the same prefix', () =>
  withGitHub(async ({ repository, source }) => {
    await release(repository)
    await repository.git('branch', 'feature/one')
    for (const branch of ['feature', 'feature/on', 'mai', 'x/../main'])
      await expect(source({ branch }).listRefs()).rejects.toMatchObject({ code: 'branch_missing' })
    expect(await source({ branch: 'feature/one' }).listRefs()).toMatchObject({ branch: 'feature/one' })
  }))

test('accepts neither a ref with another name nor tags outside refs/tags', () =>
  withGitHub(async ({ repository, github, source }) => {
    const commit = await release(repository)
    await repository.git('update-ref', 'refs/tagsother/x', commit)
    await repository.git('branch', 'main-two')
    expect((await source().listRefs()).tags).toMatchObject(listed(['light', 'noted'], commit))
    github.alter = (operation, answer) =>
      operation.endsWith('/git/ref/{ref}')
        ? { ...answer, body: { ...(answer.body as object), ref: 'refs/heads/main-two' } }
        : answer
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'branch_missing' })
  }))

test('shares one cache between sources, and survives one that loses or corrupts entries', () =>
  withGitHub(async ({ root, repository, github, source, asked }) => {
    const commit = await release(repository)
    const other = await createRepository(`${root}/other`)
    await other.commit({ 'b.txt': 'other' })
    github.host('acme', 'other', other.path)
    const values = new Map<string, Uint8Array>()
    const cache = {
      get: async (key: string) => values.get(key),
      set: async (key: string, value: Uint8Array) => void values.set(key, value),
    }
    const both: GitSource[] = [source({ cache }), source({ cache, repository: 'acme/other' })]
    const before = await Promise.all(both.map((one) => one.listRefs()))
    asked()
    expect(await Promise.all(both.map((one) => one.listRefs()))).toEqual(before)
    expect(asked().filter((question) => !question.endsWith(' 304'))).toEqual([])
    await repository.renameBranch('trunk')
    github.remove('acme', 'other')
    expect(await both[0]?.listRefs()).toEqual({ ...before[0], branch: 'trunk', commit })
    await expect(both[1]?.listRefs()).rejects.toMatchObject({ code: 'not_found' })
    for (const key of values.keys()) values.set(key, Buffer.from('{"etag":1'))
    expect(await source({ cache }).listRefs()).toEqual({ ...before[0], branch: 'trunk', commit })
    const broken = {
      get: () => Promise.reject(new Error('disk')),
      set: () => Promise.reject(new Error('disk')),
    }
    asked()
    expect(await source({ cache: broken }).listRefs()).toEqual({ ...before[0], branch: 'trunk', commit })
    expect(await failureOf(source({ cache: broken, repository: 'acme/other' }).listRefs())).toBeDefined()
  }))
