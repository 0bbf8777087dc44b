import { expect, type TestContext, test } from 'vitest'
import type { Blob, GitSnapshot, GitSource, RefListing } from '../../controller/source/git-source.ts'
import type { Oid } from '../../controller/source/oid.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { TestRepository } from '../support/git-repository.ts'
import { branchCases } from './git-source.branches.ts'
import { evidenceCases } from './git-source.evidence.ts'
import { expectCode, expectFailure, NOWHERE } from './git-source.failure.ts'
import { pullRequestCases } from './git-source.pull-requests.ts'
import { sizeCases } from './git-source.sizes.ts'
import { tagObjectCases } from './git-source.tag-objects.ts'
import { treeCases } from './git-source.trees.ts'
import { troubleCases } from './git-source.troubles.ts'

export interface HarnessOptions {
  readonly branch?: string
  readonly isReleaseBranch?: (name: string) => boolean
  readonly evidence?: boolean
  readonly lockTimeoutMs?: number
}

/** What a test of an adapter provides: real repositories, and the adapter reading them. */
export interface GitSourceHarness {
  /** A new repository without commits, its default branch `main`. */
  createRepository(): Promise<TestRepository>
  /** Sources made for the same repository share its cache. */
  make(repository: TestRepository, options?: HarnessOptions): GitSource
  /** Puts a pull request up whose head is that commit, or moves its head there. */
  propose(repository: TestRepository, number: number, commit: Oid): Promise<void>
  /** A source at an address where no repository is. */
  makeAstray(): GitSource
  /** Takes a repository away from its address; what it gives brings it back. */
  vanish(repository: TestRepository): Promise<() => Promise<void>>
  /** From now on no listing arrives whole, until what it gives is called. Absent where nothing lies between. */
  readonly cutListings?: () => () => void
  /** False for an adapter without a cache: nothing to be exclusive about. */
  readonly exclusive: boolean
}

export interface GitSourceCase {
  readonly name: string
  readonly needsExclusive?: boolean
  readonly needsConnection?: boolean
  run(harness: GitSourceHarness): Promise<void>
}

/** Runs every case as a test. A case that cannot run is skipped for the reason `missing`, or fails if all must run. */
export function describeGitSource(
  name: string,
  start: () => Promise<GitSourceHarness>,
  missing: string | undefined,
  skip: (context: TestContext, reason: string) => void,
): void {
  for (const one of gitSourceCases) {
    test(`${name}: ${one.name}`, async (context) => {
      if (missing) return skip(context, missing)
      const harness = await start()
      if (one.needsExclusive && !harness.exclusive) return skip(context, `${name} has no cache to hold`)
      if (one.needsConnection && harness.cutListings === undefined)
        return context.skip(`${name} has no connection that could be cut`)
      await one.run(harness)
    })
  }
}

const listing: GitSourceCase[] = [
  {
    name: 'lists the default branch with its newest commit',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const newest = await repository.commit({ 'a.txt': '2' })
      const refs = await harness.make(repository).listRefs()
      expect(refs).toEqual({ branch: 'main', commit: newest, branches: [], tags: [] })
    },
  },
  {
    name: 'lists the branch it was told to follow, not the default one',
    async run(harness) {
      const repository = await harness.createRepository()
      const first = await repository.commit({ 'a.txt': '1' })
      await repository.git('branch', 'release/next')
      await repository.commit({ 'a.txt': '2' })
      const refs = await harness.make(repository, { branch: 'release/next' }).listRefs()
      expect(refs).toMatchObject({ branch: 'release/next', commit: first })
    },
  },
  {
    name: 'follows the default branch when it gets another name',
    async run(harness) {
      const repository = await harness.createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      const source = harness.make(repository)
      expect((await source.listRefs()).branch).toBe('main')
      await repository.renameBranch('trunk')
      expect(await source.listRefs()).toMatchObject({ branch: 'trunk', commit })
    },
  },
  {
    name: 'gives the commit of an annotated tag, and of a tag of a tag, beside the tag object',
    async run(harness) {
      const repository = await harness.createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      await repository.tag('light')
      await repository.tag('noted', { annotated: true })
      await repository.tag('twice', { annotated: true, at: 'noted' })
      const { tags } = await harness.make(repository).listRefs()
      const objects = ['noted', 'twice'].map(async (name) => ({
        ...{ name, commit, object: await repository.git('rev-parse', `refs/tags/${name}`) },
      }))
      expect(tags).toEqual([{ name: 'light', commit }, ...(await Promise.all(objects))])
    },
  },
  {
    name: 'lists every tag, however many pages that takes, sorted by name',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const names = Array.from({ length: 250 }, (_, index) => `v1.${index}.0`)
      names.push('B', 'b', 'a-1', 'a/1', 'ümlaut', 'ui@2.0.0', 'v1.0.0+build.5')
      await createTags(repository, names)
      const { tags } = await harness.make(repository).listRefs()
      expect(tags.map((tag) => tag.name)).toEqual(names.sort())
    },
  },
  {
    name: 'takes a tag that looks like an option for a name',
    async run(harness) {
      const repository = await harness.createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      await createTags(repository, ['--upload-pack=touch'])
      const { refs, snapshot } = await look(harness, repository)
      expect(refs.tags).toEqual([{ name: '--upload-pack=touch', commit }])
      await snapshot.close()
    },
  },
  {
    name: 'shows a moved tag at its new commit and a deleted one no more',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      await repository.tag('moves')
      await repository.tag('goes')
      const source = harness.make(repository)
      expect((await source.listRefs()).tags).toHaveLength(2)
      const commit = await repository.commit({ 'a.txt': '2' })
      await repository.tag('moves', { force: true, annotated: true })
      await repository.deleteTag('goes')
      const object = await repository.git('rev-parse', 'refs/tags/moves')
      expect((await source.listRefs()).tags).toEqual([{ name: 'moves', commit, object }])
    },
  },
  {
    name: 'says that the repository is empty when it has no commit, whether a branch is named or not',
    async run(harness) {
      const repository = await harness.createRepository()
      await expectFailure(harness.make(repository).listRefs(), 'empty')
      await expectFailure(harness.make(repository, { branch: 'main' }).listRefs(), 'empty')
    },
  },
  {
    name: 'says that the branch is missing when it is not there',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      await expectFailure(harness.make(repository, { branch: 'absent' }).listRefs(), 'branch_missing')
    },
  },
  {
    name: 'says that a repository is not found when there is none',
    async run(harness) {
      await expectFailure(harness.makeAstray().listRefs(), 'not_found')
    },
  },
  {
    name: 'stops with an error when its caller gives up',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const source = harness.make(repository)
      const refs = await source.listRefs()
      await expectFailure(source.listRefs(AbortSignal.abort()), 'failed')
      await expectFailure(source.open(refs, AbortSignal.abort()), 'failed')
    },
  },
]

const trees: GitSourceCase[] = [
  {
    name: 'gives every file of a commit with its mode, sorted by the bytes of its path',
    async run(harness) {
      const repository = await harness.createRepository()
      const tip = await awkwardTree(repository)
      const { snapshot } = await look(harness, repository)
      const truth = (await repository.git('ls-tree', '-r', '-z', tip))
        .split('\0')
        .filter((line) => line !== '')
      const entries = (await snapshot.tree(tip, WHOLE_TREE)).map(({ mode, oid, path }) => {
        const type = mode === '160000' ? 'commit' : 'blob'
        return `${mode} ${type} ${oid}\t${path}`
      })
      expect(entries).toEqual(truth)
      await snapshot.close()
    },
  },
  {
    name: 'gives the tree of each tag as it was then, and the same when asked again',
    async run(harness) {
      const repository = await harness.createRepository()
      const first = await repository.commit({ 'x/a.txt': '1', 'x/y/b.txt': '1', 'z/c.txt': '1' })
      await repository.tag('v1', { annotated: true })
      const second = await repository.commit({ 'x/a.txt': null, 'x/y/b.txt': '2', 'new.txt': '2' })
      const { snapshot } = await look(harness, repository)
      const paths = async (commit: Oid) =>
        (await snapshot.tree(commit, WHOLE_TREE)).map((entry) => entry.path)
      expect(await paths(second)).toEqual(['new.txt', 'x/y/b.txt', 'z/c.txt'])
      expect(await paths(first)).toEqual(['x/a.txt', 'x/y/b.txt', 'z/c.txt'])
      expect(await snapshot.tree(first, WHOLE_TREE)).toEqual(await snapshot.tree(first, WHOLE_TREE))
      await snapshot.close()
    },
  },
  {
    name: 'gives no files for a commit without files',
    async run(harness) {
      const repository = await harness.createRepository()
      const tip = await repository.commit({})
      const { snapshot } = await look(harness, repository)
      expect(await snapshot.tree(tip, WHOLE_TREE)).toEqual([])
      await snapshot.close()
    },
  },
  {
    name: 'says that an object is missing when asked for a commit that never was',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const { snapshot } = await look(harness, repository)
      await expectFailure(snapshot.tree(NOWHERE, WHOLE_TREE), 'object_missing')
      await expectFailure(snapshot.commit(NOWHERE), 'object_missing')
      await expectFailure(collect(snapshot.blobs([NOWHERE], 10)), 'object_missing')
      await snapshot.close()
    },
  },
  {
    name: 'goes on when a tag points at a file or a directory',
    async run(harness) {
      const repository = await harness.createRepository()
      const tip = await repository.commit({ 'x/a.txt': '1' })
      await repository.tag('file', { at: 'HEAD:x/a.txt' })
      await repository.tag('folder', { at: 'HEAD:x', annotated: true })
      const { refs, snapshot } = await look(harness, repository)
      // Where the host does not say what a tag points at, it is listed; it is then no commit and not reachable.
      for (const { commit } of refs.tags)
        await expectFailure(snapshot.tree(commit, WHOLE_TREE), 'object_missing')
      const tagged = refs.tags.map((tag) => tag.commit)
      expect([...(await snapshot.reachable([...tagged, tip], [tip]))]).toEqual([tip])
      await snapshot.close()
    },
  },
  {
    name: 'gives author and time of a commit, in UTC',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const tree = await repository.git('rev-parse', 'HEAD^{tree}')
      const text = [
        `tree ${tree}`,
        'author Zoë O’Neil <zoe@example.com> 1772300000 +0000',
        'committer Someone Else <else@example.com> 1772311800 +0530',
        '',
        'A message\n\nauthor Eve <eve@example.com> 1 +0000\n',
      ].join('\n')
      const tip = await repository.gitWith(text, 'hash-object', '-t', 'commit', '-w', '--stdin')
      await repository.moveBranch(tip)
      const { snapshot } = await look(harness, repository)
      expect(await snapshot.commit(tip)).toEqual({
        author: 'Zoë O’Neil <zoe@example.com>',
        committedAt: '2026-02-28T20:50:00.000Z',
      })
      await snapshot.close()
    },
  },
]

const contents: GitSourceCase[] = [
  {
    name: 'gives the exact bytes of every blob asked for, each once',
    async run(harness) {
      const repository = await harness.createRepository()
      const files: Record<string, string | Uint8Array> = {
        'empty.txt': '',
        'crlf.txt': 'a\r\nb\r\n',
        'no-end.txt': 'no line break at the end',
        'bytes.bin': Uint8Array.from({ length: 70_000 }, (_, index) => index % 256),
        'header.txt': `${'0'.repeat(40)} blob 3\nabc\n`,
      }
      for (let index = 0; index < 60; index++) files[`many/${index}.txt`] = `text ${index}\n`.repeat(index)
      await repository.commit(files)
      const { refs, snapshot } = await look(harness, repository)
      const tree = await snapshot.tree(refs.commit, WHOLE_TREE)
      const oids = tree.map((entry) => entry.oid)
      const blobs = await collect(snapshot.blobs([...oids, ...oids], 1_000_000))
      expect(blobs).toHaveLength(new Set(oids).size)
      for (const { path, oid } of tree) {
        const blob = blobs.find((one) => one.oid === oid)
        expect(blob && Buffer.from((blob as Blob).bytes).equals(Buffer.from(files[path] ?? 'absent'))).toBe(
          true,
        )
      }
      await snapshot.close()
    },
  },
  {
    name: 'gives the size instead of the bytes of a blob over the limit, and the others all the same',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': 'x'.repeat(101), 'b.txt': 'y'.repeat(100), 'c.txt': 'z' })
      const { refs, snapshot } = await look(harness, repository)
      const [a, b, c] = (await snapshot.tree(refs.commit, WHOLE_TREE)).map((entry) => entry.oid) as [
        Oid,
        Oid,
        Oid,
      ]
      const blobs = new Map((await collect(snapshot.blobs([a, b, c], 100))).map((one) => [one.oid, one]))
      expect(blobs.get(a)).toEqual({ oid: a, tooLarge: 101 })
      expect(blobs.get(b)).toMatchObject({ oid: b, bytes: { length: 100 } })
      expect(blobs.get(c)).toMatchObject({ oid: c, bytes: { length: 1 } })
      await snapshot.close()
    },
  },
  {
    name: 'gives the target of a symlink as its content',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ link: { symlink: '../elsewhere.txt' } })
      const { refs, snapshot } = await look(harness, repository)
      const tree = await snapshot.tree(refs.commit, WHOLE_TREE)
      expect(tree).toMatchObject([{ path: 'link', mode: '120000' }])
      const [blob] = await collect(snapshot.blobs([tree[0]?.oid ?? ''], 100))
      expect(Buffer.from((blob as Blob).bytes).toString()).toBe('../elsewhere.txt')
      await snapshot.close()
    },
  },
  {
    name: 'gives nothing when asked for no blobs',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      const { snapshot } = await look(harness, repository)
      expect(await collect(snapshot.blobs([], 10))).toEqual([])
      await snapshot.close()
    },
  },
  {
    name: 'answers other questions while blobs are read, and after a reading was broken off',
    async run(harness) {
      const repository = await harness.createRepository()
      const files = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`${index}.txt`, `text ${index}`]),
      )
      const tip = await repository.commit(files)
      const { snapshot } = await look(harness, repository)
      const oids = (await snapshot.tree(tip, WHOLE_TREE)).map((entry) => entry.oid)
      let seen = 0
      for await (const _ of snapshot.blobs(oids, 100)) {
        expect(await snapshot.tree(tip, WHOLE_TREE)).toHaveLength(100)
        if (++seen === 5) break
      }
      expect(await collect(snapshot.blobs(oids, 100))).toHaveLength(100)
      await snapshot.close()
    },
  },
]

const histories: GitSourceCase[] = [
  {
    name: 'tells ancestors of a commit, and itself, from commits beside and after it',
    async run(harness) {
      const repository = await harness.createRepository()
      const first = await repository.commit({ 'a.txt': '1' })
      await repository.git('checkout', '--quiet', '-b', 'side')
      const merged = await repository.commit({ 'side.txt': '1' })
      await repository.git('checkout', '--quiet', 'main')
      await repository.commit({ 'a.txt': '2' })
      await repository.git('merge', '--quiet', '--no-edit', 'side')
      const tip = await repository.git('rev-parse', 'HEAD')
      await repository.git('checkout', '--quiet', '-b', 'unmerged')
      const beside = await repository.commit({ 'b.txt': '1' })
      await repository.tag('stray')
      await repository.git('checkout', '--quiet', 'main')
      const { snapshot } = await look(harness, repository)
      const found = await snapshot.reachable([first, merged, tip, beside, NOWHERE], [tip])
      expect([...found].sort()).toEqual([first, merged, tip].sort())
      expect([...(await snapshot.reachable([first, tip], [first]))]).toEqual([first])
      // Not reachable is not unreadable.
      expect((await snapshot.tree(beside, WHOLE_TREE)).map((entry) => entry.path)).toEqual([
        'a.txt',
        'b.txt',
        'side.txt',
      ])
      await snapshot.close()
    },
  },
  {
    name: 'reads what a tag holds after the branch was pushed over',
    async run(harness) {
      const repository = await harness.createRepository()
      const base = await repository.commit({ 'a.txt': '1' })
      const released = await repository.commit({ 'a.txt': 'released' })
      await repository.tag('v1')
      await (await look(harness, repository)).snapshot.close()
      await repository.moveBranch(base)
      const tip = await repository.commit({ 'a.txt': 'rewritten' })
      const { refs, snapshot } = await look(harness, repository)
      expect(refs.commit).toBe(tip)
      expect(await textAt(snapshot, released, 'a.txt')).toBe('released')
      expect(await textAt(snapshot, tip, 'a.txt')).toBe('rewritten')
      expect([...(await snapshot.reachable([released, base], [tip]))]).toEqual([base])
      await snapshot.close()
    },
  },
  {
    name: 'sees at the next opening what was pushed meanwhile',
    async run(harness) {
      const repository = await harness.createRepository()
      const first = await repository.commit({ 'a.txt': '1', 'same.txt': 'same' })
      const before = await look(harness, repository)
      expect(await textAt(before.snapshot, first, 'a.txt')).toBe('1')
      await before.snapshot.close()
      const second = await repository.commit({ 'a.txt': '2' })
      await repository.tag('v2', { annotated: true })
      const { refs, snapshot } = await look(harness, repository)
      expect(refs.tags).toMatchObject([{ name: 'v2', commit: second }])
      expect(await textAt(snapshot, second, 'a.txt')).toBe('2')
      expect(await textAt(snapshot, second, 'same.txt')).toBe('same')
      expect(await textAt(snapshot, first, 'a.txt')).toBe('1')
      await snapshot.close()
    },
  },
  {
    name: 'never takes the new place of a tag for the listed one',
    async run(harness) {
      const repository = await harness.createRepository()
      await repository.commit({ 'a.txt': '1' })
      await repository.git('checkout', '--quiet', '-b', 'side')
      const listed = await repository.commit({ 'a.txt': 'listed' })
      await repository.tag('v1')
      await repository.tag('v2')
      await repository.git('checkout', '--quiet', 'main')
      const source = harness.make(repository)
      const refs = await source.listRefs()
      await repository.commit({ 'a.txt': 'later' })
      await repository.tag('v1', { force: true })
      await repository.deleteTag('v2')
      // Its object is still there or it is not; both are right, another commit's files are not.
      const snapshot = await source.open(refs).catch((error: unknown) => expectCode(error, 'object_missing'))
      if (!snapshot) return
      expect(await textAt(snapshot, listed, 'a.txt')).toBe('listed')
      await snapshot.close()
    },
  },
]

const holding: GitSourceCase[] = [
  {
    name: 'lets a second reader in only when the first has closed, twice if it likes',
    needsExclusive: true,
    async run(harness) {
      const repository = await harness.createRepository()
      const tip = await repository.commit({ 'a.txt': '1' })
      const { refs, snapshot } = await look(harness, repository)
      const impatient = harness.make(repository, { lockTimeoutMs: 50 })
      await expectFailure(impatient.open(refs), 'busy')
      let closed = false
      const waiting = harness.make(repository, { lockTimeoutMs: 3_000 }).open(refs)
      waiting.then(() => expect(closed).toBe(true)).catch(() => {})
      expect(await snapshot.tree(tip, WHOLE_TREE)).toHaveLength(1)
      closed = true
      await snapshot.close()
      await snapshot.close()
      const second = await waiting
      // The first one's second closing must not have opened the door behind the second one.
      await snapshot.close()
      await expectFailure(impatient.open(refs), 'busy')
      await second.close()
      await (await impatient.open(refs)).close()
    },
  },
  {
    name: 'refuses questions after closing',
    async run(harness) {
      const repository = await harness.createRepository()
      const tip = await repository.commit({ 'a.txt': '1' })
      const { snapshot } = await look(harness, repository)
      const [entry] = await snapshot.tree(tip, WHOLE_TREE)
      await snapshot.close()
      await expectFailure(snapshot.tree(tip, WHOLE_TREE), 'failed')
      await expectFailure(collect(snapshot.blobs([entry?.oid ?? ''], 10)), 'failed')
      await expectFailure(snapshot.reachable([tip], [tip]), 'failed')
    },
  },
]

/** Every promise of the port, one behaviour a case. */
/** The cases by what they are about. */
export const gitSourceKinds: readonly (readonly GitSourceCase[])[] = [
  ...[listing, branchCases, evidenceCases, trees, treeCases, contents, histories, tagObjectCases, sizeCases],
  ...[pullRequestCases, troubleCases, holding],
]

export const gitSourceCases: readonly GitSourceCase[] = gitSourceKinds.flat()

async function look(
  harness: GitSourceHarness,
  repository: TestRepository,
): Promise<{ refs: RefListing; snapshot: GitSnapshot }> {
  const source = harness.make(repository)
  const refs = await source.listRefs()
  return { refs, snapshot: await source.open(refs) }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function textAt(snapshot: GitSnapshot, commit: Oid, path: string): Promise<string> {
  const entry = (await snapshot.tree(commit, WHOLE_TREE)).find((one) => one.path === path)
  const [blob] = await collect(snapshot.blobs(entry ? [entry.oid] : [], 1_000_000))
  return blob && 'bytes' in blob ? Buffer.from(blob.bytes).toString() : 'absent'
}

/** Many tags at the tip in one go; `git tag` would be a process each, and refuses odd names. */
async function createTags(repository: TestRepository, names: readonly string[]): Promise<void> {
  const tip = await repository.git('rev-parse', 'HEAD')
  const lines = names.map((name) => `create refs/tags/${name} ${tip}\n`)
  await repository.gitWith(lines.join(''), 'update-ref', '--stdin')
}

/** File and folder names whose order differs between bytes, code units and git's own comparison of folders. */
async function awkwardTree(repository: TestRepository): Promise<Oid> {
  await repository.commit({
    'a.txt': '1',
    'a/b.txt': '2',
    'a-b/c.txt': '3',
    'ab.txt': '4',
    'deep/er/and/deeper.txt': '5',
    'with space.txt': '6',
    'tab\tand\nline.txt': '7',
    'é.txt': '8',
    '\u{1F600}.txt': '9',
    '\uFFFD.txt': '10',
    'run.sh': { executable: '#!/bin/sh\n' },
    link: { symlink: 'a.txt' },
  })
  const tip = await repository.git('rev-parse', 'HEAD')
  await repository.git('update-index', '--add', '--cacheinfo', `160000,${tip},module`)
  await repository.git('commit', '--quiet', '-m', 'a submodule')
  return repository.git('rev-parse', 'HEAD')
}
