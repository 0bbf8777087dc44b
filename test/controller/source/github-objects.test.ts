import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { Blob, GitSnapshot, RefListing } from '../../../controller/source/git-source.ts'
import { createMemoryCache, type GitHubSource } from '../../../controller/source/github/index.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import type { FileChange } from '../../support/git-repository.ts'
import { type GitHubWorld, withGitHub } from '../../support/github/world.ts'
import { manyCommits, truth } from './git-world.ts'

const TREE = 'GET /git/trees/{tree_sha}'
const BLOB = 'GET /git/blobs/{file_sha}'
const ARCHIVE = ['GET /tarball/{ref} 302', 'archive']
const MOST = 262_144

async function look(source: GitHubSource): Promise<{ refs: RefListing; snapshot: GitSnapshot }> {
  const refs = await source.listRefs()
  return { refs, snapshot: await source.open(refs) }
}

/** What is asked for, all of it, and nothing else. */
async function collect(snapshot: GitSnapshot, oids: Iterable<Oid>, most = MOST) {
  const wanted = new Set(oids)
  const found = new Map<Oid, Blob | { oid: Oid; tooLarge: number }>()
  for await (const blob of snapshot.blobs(wanted, most)) {
    expect(wanted.delete(blob.oid), blob.oid).toBe(true)
    found.set(blob.oid, blob)
  }
  expect([...wanted]).toEqual([])
  return found
}

/** Reads every file of a commit; gives their texts by path. */
async function readAll(snapshot: GitSnapshot, commit: Oid): Promise<Record<string, string>> {
  const tree = await snapshot.tree(commit, WHOLE_TREE)
  const blobs = await collect(
    snapshot,
    tree.map(({ oid }) => oid),
  )
  const text = (oid: Oid) => {
    const blob = blobs.get(oid)
    return blob && 'bytes' in blob ? Buffer.from(blob.bytes).toString() : 'absent'
  }
  return Object.fromEntries(tree.map(({ path, oid }) => [path, text(oid)]))
}

const manyFiles = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`p/${index % 7}/${index}.txt`, `text ${index}\n`]),
  )

/** Commits the files and gives a look at them, after which nothing was asked yet. */
async function commitAndLook(world: GitHubWorld, files: Record<string, FileChange>, options = {}) {
  const commit = await world.repository.commit(files)
  const source = world.source(options)
  const { refs, snapshot } = await look(source)
  world.asked()
  return { commit, source, refs, snapshot }
}

test('imports hundreds of files with one archive, and then sends no more requests', () =>
  withGitHub(async (world) => {
    const files = manyFiles(300)
    const { commit, source, refs, snapshot } = await commitAndLook(world, files)
    expect(await readAll(snapshot, commit)).toEqual(files)
    expect(world.asked()).toEqual(['query ReadCommits', TREE, ...ARCHIVE])
    await snapshot.close()
    const again = await source.open(refs)
    expect(await readAll(again, commit)).toEqual(files)
    expect(world.asked()).toEqual([])
    await again.close()
  }))

test('requests files that an archive omits or changes', () =>
  withGitHub(async (world) => {
    const files = {
      ...manyFiles(150),
      '.gitattributes': 'secret.txt export-ignore\nsubst.txt export-subst\ncrlf.txt text eol=crlf\n',
      'secret.txt': 'not in archives\n',
      'subst.txt': 'commit $Format:%H$\n',
      'crlf.txt': 'one\ntwo\n',
      'empty.txt': '',
      [`${'long/'.repeat(60)}name.txt`]: 'beyond a hundred bytes\n',
    }
    const { commit, snapshot } = await commitAndLook(world, files)
    expect(await readAll(snapshot, commit)).toEqual(files)
    expect(world.asked()).toEqual(['query ReadCommits', TREE, ...ARCHIVE, 'query ReadBlobs'])
    await snapshot.close()
  }))

test('reads links of an archive like git, and returns the size of large files', () =>
  withGitHub(async (world) => {
    const files = { ...manyFiles(120), link: { symlink: 'p/0/0.txt' }, 'large.txt': 'x'.repeat(5000) }
    const { commit, snapshot } = await commitAndLook(world, files)
    const tree = await snapshot.tree(commit, WHOLE_TREE)
    const blobs = await collect(
      snapshot,
      tree.map(({ oid }) => oid),
      4000,
    )
    const at = (path: string) => blobs.get(tree.find((entry) => entry.path === path)?.oid ?? '')
    expect(Buffer.from((at('link') as Blob).bytes).toString()).toBe('p/0/0.txt')
    expect(at('large.txt')).toMatchObject({ tooLarge: 5000 })
    expect(blobs.size).toBe(122)
    expect(world.asked()).toEqual(['query ReadCommits', TREE, ...ARCHIVE])
    await snapshot.close()
  }))

test('continues without an archive that is refused, truncated or invalid', () =>
  withGitHub(async (world) => {
    const files = manyFiles(150)
    const commit = await world.repository.commit(files)
    const bytes = Buffer.from('no gzip at all')
    for (const [trouble, where] of [
      [{ status: 404 }, 'archive'],
      [{ status: 200, body: bytes }, 'archive'],
      [{ status: 200, body: bytes, cutAfter: 5 }, 'archive'],
      [
        { status: 302, headers: { location: 'ftp://example.com/x' } },
        'GET /repos/{owner}/{repo}/tarball/{ref}',
      ],
    ] as const) {
      world.github.intercept = (operation) => (operation === where ? trouble : undefined)
      const { snapshot } = await look(world.source())
      expect(await readAll(snapshot, commit)).toEqual(files)
      expect(world.asked().filter((question) => question === 'query ReadBlobs')).toHaveLength(2)
      await snapshot.close()
    }
  }))

test('reads at most the expected bytes of an archive', () =>
  withGitHub(async (world) => {
    const files = manyFiles(150)
    const { commit, snapshot } = await commitAndLook(world, files, { limits: { archiveBytes: 5000 } })
    const tar = pack()
    tar.entry({ name: 'x/unheard-of.bin' }, Buffer.alloc(6000))
    for (const [name, text] of Object.entries(files)) tar.entry({ name: `x/${name}` }, text)
    tar.finalize()
    const body = gzipSync(Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>)))
    world.github.intercept = (operation) => (operation === 'archive' ? { status: 200, body } : undefined)
    expect(await readAll(snapshot, commit)).toEqual(files)
    expect(world.asked().slice(-2)).toEqual(['query ReadBlobs', 'query ReadBlobs'])
    await snapshot.close()
  }))

test('accepts only a commit as a commit, and only a file as a file', () =>
  withGitHub(async (world) => {
    const { commit, snapshot } = await commitAndLook(world, { 'x/a.txt': '1' })
    const missing = { code: 'object_missing' }
    for (const object of ['HEAD:x', 'HEAD:x/a.txt']) {
      const oid = await world.repository.git('rev-parse', object)
      await expect(snapshot.tree(oid, WHOLE_TREE)).rejects.toMatchObject(missing)
      await expect(snapshot.commit(oid)).rejects.toMatchObject(missing)
      await expect(snapshot.reachable([commit], [oid])).rejects.toMatchObject(missing)
    }
    for (const oid of [commit, 'HEAD', '../../x', `${commit}") { id } #`])
      await expect(collect(snapshot, [oid])).rejects.toMatchObject(missing)
    await snapshot.close()
  }))

test('uses no archive for a few files, of a repository with many other files, or of a large one', () =>
  withGitHub(async (world) => {
    const files = { ...manyFiles(120), 'video.bin': new Uint8Array(200_000) }
    const { commit, snapshot } = await commitAndLook(world, files)
    const tree = await snapshot.tree(commit, WHOLE_TREE)
    const texts = tree.filter(({ path }) => path.endsWith('.txt')).map(({ oid }) => oid)
    expect((await collect(snapshot, texts)).size).toBe(120)
    const batches = ['query ReadBlobs', 'query ReadBlobs']
    expect(world.asked()).toEqual(['query ReadCommits', TREE, ...batches])
    await snapshot.close()
    const second = await world.repository.commit({ 'video.bin': null })
    const { snapshot: small } = await look(world.source())
    await small.tree(second, WHOLE_TREE)
    world.asked()
    expect((await collect(small, texts.slice(0, 99))).size).toBe(99)
    expect(world.asked()).toEqual(['query ReadBlobs'])
    await small.close()
    const { snapshot: large } = await look(world.source({ limits: { archiveBytes: 500 } }))
    await large.tree(second, WHOLE_TREE)
    world.asked()
    expect((await collect(large, texts)).size).toBe(120)
    expect(world.asked()).toEqual(batches)
    await large.close()
  }))

test('requests binary and inexact files one by one', () =>
  withGitHub(async (world) => {
    world.github.limits.textBytes = 1000
    const files = {
      'a.txt': 'text\n',
      'latin1.txt': Buffer.from('caf\xe9\n', 'latin1'),
      'nul.bin': Uint8Array.from([1, 0, 2]),
      'long.txt': 'y'.repeat(1001),
      'bom.txt': '\uFEFFtext\r\n',
    }
    const { commit, snapshot } = await commitAndLook(world, files)
    const tree = await snapshot.tree(commit, WHOLE_TREE)
    const blobs = await collect(
      snapshot,
      tree.map(({ oid }) => oid),
    )
    for (const { path, oid } of tree) {
      const bytes = (blobs.get(oid) as Blob).bytes
      expect(Buffer.from(bytes).equals(Buffer.from(files[path as keyof typeof files])), path).toBe(true)
    }
    expect(world.asked()).toEqual(['query ReadCommits', TREE, 'query ReadBlobs', BLOB, BLOB, BLOB])
    await snapshot.close()
  }))

test('requests unknown sizes first, and never a large file', () =>
  withGitHub(async (world) => {
    const { snapshot } = await commitAndLook(world, { 'a.txt': 'x'.repeat(101), 'b.txt': 'yes' })
    const oids = [
      await world.repository.git('rev-parse', 'HEAD:a.txt'),
      await world.repository.git('rev-parse', 'HEAD:b.txt'),
    ]
    const blobs = await collect(snapshot, oids, 100)
    expect([...blobs.values()]).toMatchObject([{ tooLarge: 101 }, { bytes: { length: 3 } }])
    expect(world.asked()).toEqual(['query SizeBlobs', 'query ReadBlobs'])
    await snapshot.close()
  }))

test('accepts only content that matches its hash', () =>
  withGitHub(async (world) => {
    const { commit, snapshot } = await commitAndLook(world, { 'a.txt': 'right' })
    const [entry] = await snapshot.tree(commit, WHOLE_TREE)
    const wrong = Buffer.from('wrong').toString('base64')
    world.github.alter = (operation, answer) => {
      if (operation === 'query ReadBlobs')
        return { ...answer, body: { data: { repository: { o0: { isTruncated: false, text: 'wrong' } } } } }
      return operation.includes('blobs')
        ? { ...answer, body: { ...(answer.body as object), content: wrong } }
        : answer
    }
    const reading = collect(snapshot, [entry?.oid ?? ''])
    await expect(reading).rejects.toMatchObject({ code: 'unreachable' })
    world.github.alter = (_, answer) => answer
    expect(await readAll(snapshot, commit)).toEqual({ 'a.txt': 'right' })
    await snapshot.close()
  }))

test('requests file by file if a batch is too large for the host', () =>
  withGitHub(async (world) => {
    const files = manyFiles(5)
    const { commit, snapshot } = await commitAndLook(world, files)
    world.github.intercept = (operation) => (operation === 'query ReadBlobs' ? { status: 502 } : undefined)
    expect(await readAll(snapshot, commit)).toEqual(files)
    expect(world.asked().filter((question) => question === BLOB)).toHaveLength(5)
    await snapshot.close()
  }))

test('walks a tree that is too large for one response', () =>
  withGitHub(async (world) => {
    world.github.limits.treeEntries = 12
    const files = {
      ...manyFiles(60),
      'p/deep/er/x.txt': 'x',
      'run.sh': { executable: '#!' },
      link: { symlink: 'run.sh' },
    }
    const { commit, snapshot } = await commitAndLook(world, files)
    const lines = (await snapshot.tree(commit, WHOLE_TREE)).map(
      ({ mode, path, oid }) => `HEAD ${mode} ${path} ${oid}`,
    )
    expect(lines).toEqual(await truth(world.repository, ['HEAD']))
    // The root and p in two requests each, then each of its eight directories.
    expect(world.asked()).toEqual(['query ReadCommits', ...Array.from({ length: 12 }, () => TREE)])
    expect(await snapshot.tree(commit, WHOLE_TREE)).toHaveLength(lines.length)
    expect(world.asked()).toEqual([])
    await world.repository.commit({ 'p/3/3.txt': 'changed' })
    const { refs, snapshot: next } = await look(world.source())
    world.github.limits.treeEntries = 5
    await expect(next.tree(refs.commit, WHOLE_TREE)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/more entries than GitHub lists/),
    })
    await snapshot.close()
    await next.close()
  }))

test('detects a tree that lacks a file, even if the host claims it is complete', () =>
  withGitHub(async (world) => {
    const { commit, snapshot } = await commitAndLook(world, { 'x/a.txt': '1', 'x/b.txt': '2', 'c.txt': '3' })
    world.github.alter = (operation, answer) => {
      const body = answer.body as { tree: { path: string }[] }
      if (!operation.includes('trees')) return answer
      return { ...answer, body: { ...body, tree: body.tree.filter(({ path }) => path !== 'x/b.txt') } }
    }
    await expect(snapshot.tree(commit, WHOLE_TREE)).rejects.toMatchObject({ code: 'unreachable' })
    world.github.alter = (_, answer) => answer
    expect(await snapshot.tree(commit, WHOLE_TREE)).toHaveLength(3)
    await snapshot.close()
  }))

test('walks the branch once, a hundred commits at a time, and caches it', () =>
  withGitHub(async (world) => {
    await manyCommits(world.repository, 950, 50)
    const cache = createMemoryCache()
    const { refs, snapshot } = await look(world.source({ cache }))
    const tagged = refs.tags.map(({ commit }) => commit)
    world.asked()
    expect((await snapshot.reachable(tagged.slice(-1), [refs.commit])).size).toBe(1)
    const early = world.asked()
    expect(await snapshot.reachable(tagged, [refs.commit])).toEqual(new Set(tagged))
    const rest = world.asked()
    expect([...early, ...rest]).toEqual(Array.from({ length: 9 }, () => 'query WalkHistory'))
    await snapshot.close()
    await world.repository.git('reset', '--quiet', '--hard')
    await world.repository.commit({ 'new.txt': '1' })
    const next = await look(world.source({ cache }))
    world.asked()
    expect(await next.snapshot.reachable(tagged, [next.refs.commit])).toEqual(new Set(tagged))
    expect(world.asked()).toEqual(['query WalkHistory'])
    expect((await next.snapshot.reachable([], [next.refs.commit])).size).toBe(0)
    await next.snapshot.close()
  }))

test('walks commits up to the limit, and refuses one more', () =>
  withGitHub(async (world) => {
    await manyCommits(world.repository, 250, 250)
    const look = async (historyCommits: number) => {
      const source = world.source({ limits: { historyCommits } })
      const { commit, ...refs } = await source.listRefs()
      const snapshot = await source.open({ ...refs, commit })
      return snapshot.reachable([commit, 'f'.repeat(40)], [commit]).finally(() => snapshot.close())
    }
    expect((await look(250)).size).toBe(1)
    await expect(look(249)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/more than 249 commits.*git/),
    })
  }))

test('walks both sides of merges, and reports unreachable only at the end of all', () =>
  withGitHub(async (world) => {
    const { repository } = world
    await repository.commit({ 'a.txt': '0' })
    const merged: Oid[] = []
    for (let index = 0; index < 4; index++) {
      await repository.git('checkout', '--quiet', '-b', `side-${index}`)
      for (let step = 0; step < 3; step++)
        merged.push(await repository.commit({ [`s${index}.txt`]: `${step}` }))
      await repository.git('checkout', '--quiet', 'main')
      await repository.commit({ 'a.txt': `${index + 1}` })
      await repository.git('merge', '--quiet', '--no-edit', `side-${index}`)
    }
    await repository.git('checkout', '--quiet', '-b', 'stray')
    const stray = await repository.commit({ 'b.txt': '1' })
    await repository.git('checkout', '--quiet', 'main')
    const { refs, snapshot } = await look(world.source())
    expect(await snapshot.reachable([...merged, stray], [refs.commit])).toEqual(new Set(merged))
    await expect(snapshot.reachable(merged, ['f'.repeat(40)])).rejects.toMatchObject({
      code: 'object_missing',
    })
    await snapshot.close()
  }))

/** `sides` branches of `length` commits each, made in turn, and all merged at the end. */
async function longSides({ repository }: GitHubWorld, sides: number, length: number): Promise<void> {
  const lines: string[] = []
  let mark = 0
  const commit = (branch: string, parents: readonly number[]) => {
    lines.push(`commit refs/heads/${branch}`, `mark :${++mark}`)
    lines.push(`committer Cleo <cleo@example.com> ${1_770_000_000 + mark * 60} +0000`, 'data 1', 'x')
    for (const [index, parent] of parents.entries())
      lines.push(`${index === 0 ? 'from' : 'merge'} :${parent}`)
    return mark
  }
  const ends = Array.from({ length: sides }, (_, side) => commit(`side-${side}`, []))
  for (let step = 1; step < length; step++)
    for (const [side, end] of ends.entries()) ends[side] = commit(`side-${side}`, [end])
  commit('main', ends)
  await repository.gitWith(`${lines.join('\n')}\n`, 'fast-import', '--quiet', '--force')
}

test('walks long side branches together, not one after the other', () =>
  withGitHub(async (world) => {
    await longSides(world, 5, 150)
    const { refs, snapshot } = await look(world.source())
    const firsts = (await world.repository.git('rev-list', '--max-parents=0', 'main')).split('\n')
    world.asked()
    expect(await snapshot.reachable(firsts, [refs.commit])).toEqual(new Set(firsts))
    expect(firsts).toHaveLength(5)
    // Twenty of each, then a hundred of each, then the rest.
    expect(world.asked()).toEqual(Array.from({ length: 3 }, () => 'query WalkHistory'))
    await snapshot.close()
  }))

test('reads the trees of hundreds of release tags with few requests', () =>
  withGitHub(async (world) => {
    await manyCommits(world.repository, 600, 1)
    const { refs, snapshot } = await look(world.source())
    world.asked()
    const tags = [...refs.tags].sort((a, b) => Number(b.name.split('.')[1]) - Number(a.name.split('.')[1]))
    const read = new Map<string, string[]>()
    for (const { name, commit } of tags) {
      const tree = await snapshot.tree(commit, WHOLE_TREE)
      await snapshot.commit(commit)
      read.set(
        name,
        tree.map(({ mode, path, oid }) => `${name} ${mode} ${path} ${oid}`),
      )
    }
    for (const name of ['v1.1.0', 'v1.300.0', 'v1.600.0'])
      expect(read.get(name)).toEqual(await truth(world.repository, [name]))
    // The first alone, then 2, 4, 8, 16, 32, 64, 64 … each with its commits, its roots and the folders below.
    expect(world.asked().length).toBeLessThan(70)
    await snapshot.close()
  }))

test('reads trees one by one if many in one response are too large for the host', () =>
  withGitHub(async (world) => {
    await manyCommits(world.repository, 8, 1)
    const { refs, snapshot } = await look(world.source())
    world.github.intercept = (operation) => (operation === 'query ReadTrees' ? { status: 504 } : undefined)
    for (const { name, commit } of refs.tags.toReversed())
      expect((await snapshot.tree(commit, WHOLE_TREE)).length, name).toBeGreaterThan(0)
    // Once is enough to know, after the usual three more attempts.
    expect(world.asked().filter((question) => question === 'query ReadTrees 504')).toHaveLength(4)
    await snapshot.close()
  }))

test('needs two requests for a new commit, and one for each batch of its changes', () =>
  withGitHub(async (world) => {
    const { source, commit, snapshot } = await commitAndLook(world, manyFiles(40))
    await readAll(snapshot, commit)
    await snapshot.close()
    const second = await world.repository.commit({ 'p/1/1.txt': 'changed' })
    const next = await look(source)
    world.asked()
    expect(await readAll(next.snapshot, second)).toMatchObject({ 'p/1/1.txt': 'changed' })
    await next.snapshot.commit(second)
    expect(world.asked()).toEqual(['query ReadCommits', TREE, 'query ReadBlobs'])
    await next.snapshot.close()
  }))

test('allows concurrent readers, undisturbed when another closes', () =>
  withGitHub(async (world) => {
    const { commit, source, refs, snapshot } = await commitAndLook(world, manyFiles(30))
    const other = await source.open(refs)
    await snapshot.close()
    expect(Object.keys(await readAll(other, commit))).toHaveLength(30)
    await other.close()
    await other.close()
    await expect(other.commit(commit)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/closed/),
    })
  }))

test('limits the memory cache, and keeps the last used entries', async () => {
  const cache = createMemoryCache(1000)
  for (const key of ['a', 'b', 'c']) await cache.set(key, new Uint8Array(150))
  await cache.get('a')
  await cache.set('d', new Uint8Array(150))
  const kept = async () => {
    const present = ['a', 'b', 'c', 'd'].map(async (key) => ((await cache.get(key)) ? key : ''))
    return (await Promise.all(present)).join('')
  }
  expect(await kept()).toBe('acd')
  await cache.set('a', new Uint8Array(2000))
  expect(await kept()).toBe('cd')
})

test('works with a cache that keeps almost nothing', () =>
  withGitHub(async (world) => {
    const files = manyFiles(130)
    const { commit, snapshot } = await commitAndLook(world, files, { cache: createMemoryCache(2000) })
    expect(await readAll(snapshot, commit)).toEqual(files)
    expect((await snapshot.reachable([commit], [commit])).size).toBe(1)
    await snapshot.close()
  }))
