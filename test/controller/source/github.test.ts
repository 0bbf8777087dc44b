import { expect, test } from 'vitest'
import type { GitSource } from '../../../controller/source/git-source.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
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

test('asks three free questions when nothing moved, two when the branch is named', () =>
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

test('asks little more when a tag was added, and nothing again about the other ones', () =>
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
    expect(asked()).toEqual([TAGS, 'query PeelTags', 'query CountTags', `${REPOSITORY} 304`, `${HEAD} 304`])
  }))

test('lists 5,000 tags, half of them annotated, with a request for each hundred of those', () =>
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

test('peels a tag however many tags it is a tag of', () =>
  withGitHub(async ({ repository, source }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    const names = Array.from({ length: 9 }, (_, index) => `t${index}`)
    for (const [index, name] of names.entries())
      await repository.tag(name, { annotated: true, at: names[index - 1] ?? 'HEAD' })
    expect((await source().listRefs()).tags).toMatchObject(listed(names, commit))
  }))

test('follows pages, should there ever be any, and then looks at all of them each time', () =>
  withGitHub(async ({ repository, github, source }) => {
    github.limits.refsPerPage = 2
    const commit = await repository.commit({ 'a.txt': '1' })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await repository.tag(name)
    const one = source()
    expect((await one.listRefs()).tags).toMatchObject(listed(['a', 'b', 'c', 'd', 'e'], commit))
    await repository.deleteTag('e')
    expect((await one.listRefs()).tags).toMatchObject(listed(['a', 'b', 'c', 'd'], commit))
  }))

test('asks again when fewer tags were listed than there are, and gives up rather than believe it', () =>
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
    await expect(one.listRefs()).rejects.toMatchObject({ code: 'unreachable', message: /every tag/ })
    short = 0
    expect((await one.listRefs()).tags).toHaveLength(truth.tags.length + 2)
  }))

test('asks again when an answer was cut on its way, loudly or politely, and gives up in the end', () =>
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

test('takes an answer in part for no answer', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const errors = [
      { message: 'Something went wrong while executing your query.', path: ['repository', 'o0'] },
    ]
    for (const partial of ['query PeelTags', 'query CountTags']) {
      github.alter = (operation, answer) =>
        operation === partial ? { ...answer, body: { ...(answer.body as object), errors } } : answer
      await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable', message: /in part/ })
    }
    github.alter = (operation, answer) =>
      operation === 'query PeelTags' ? { ...answer, body: { data: { repository: {} } } } : answer
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable' })
  }))

test('says what to do when the repository vanished, and goes on when it is back', () =>
  withGitHub(async ({ repository, github, source }) => {
    await release(repository)
    const one = source()
    const refs = await one.listRefs()
    github.remove('acme', 'prompts')
    const message = /no repository acme\/prompts with these credentials: check the address/
    await expect(one.listRefs()).rejects.toMatchObject({ code: 'unreachable', message })
    const snapshot = await one.open(refs)
    await expect(snapshot.tree(refs.commit)).rejects.toMatchObject({ code: 'unreachable', message })
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

test('asks no other host, wherever the answers point', () =>
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
      await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable', message: /redirects/ })
    }
    expect(other.requests).toEqual([])
    await other.close()
  }))

test('goes round in circles only three times', () =>
  withGitHub(async ({ github, source }) => {
    github.intercept = (_, path) => ({ status: 302, headers: { location: path } })
    await expect(source().listRefs()).rejects.toMatchObject({ code: 'unreachable', message: /redirects/ })
    expect(github.requests).toHaveLength(4)
  }))

test('does not take a branch for another one whose name begins like it', () =>
  withGitHub(async ({ repository, source }) => {
    await release(repository)
    await repository.git('branch', 'feature/one')
    for (const branch of ['feature', 'feature/on', 'mai', 'x/../main'])
      await expect(source({ branch }).listRefs()).rejects.toMatchObject({ code: 'branch_missing' })
    expect(await source({ branch: 'feature/one' }).listRefs()).toMatchObject({ branch: 'feature/one' })
  }))

test('believes neither a ref of another name nor tags of another place', () =>
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

test('needs no more than one cache for many sources, and survives one that forgets or lies', () =>
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
    await expect(both[1]?.listRefs()).rejects.toMatchObject({ code: 'unreachable' })
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
