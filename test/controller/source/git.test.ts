import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { SourceError } from '../../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { createRepository, runGit } from '../../support/git-repository.ts'
import { allFiles, manyCommits, skipWithout, sourceOf, truth, withHttpWorld, withWorld } from './git-world.ts'
import { readEverything } from './read-repository.ts'

test('reads 5,000 releases with one listing, one fetch, and one more for the files', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await manyCommits(repository, 5_000, 1)
    const source = sourceOf(options())
    const refs = await source.listRefs()
    expect(refs.tags).toHaveLength(5_000)
    // The protocol takes two requests for a listing: what the server can do, and the listing.
    expect(server.requests.splice(0)).toHaveLength(2)

    const snapshot = await source.open(refs)
    const forCommits = server.requests.splice(0).length
    expect(forCommits).toBeLessThanOrEqual(6)
    const commits = refs.tags.map((tag) => tag.commit)
    expect(await snapshot.reachable(commits, [refs.commit])).toEqual(new Set(commits))
    const oids = new Set<string>()
    for (const commit of commits.slice(0, 300))
      for (const { oid } of await snapshot.tree(commit, WHOLE_TREE)) oids.add(oid)
    expect(server.requests).toEqual([])

    let count = 0
    for await (const _ of snapshot.blobs(oids, 1_000)) count++
    expect(count).toBe(oids.size)
    expect(server.requests.splice(0).length).toBeLessThanOrEqual(4)
    for await (const _ of snapshot.blobs(oids, 1_000)) count++
    await snapshot.close()
    await (await source.open(refs)).close()
    expect(server.requests).toEqual([])
  }))

test('fetches one file or a hundred with the same number of requests', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    const files = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [`${index}.txt`, `text ${index}`]),
    )
    await repository.commit(files)
    const source = sourceOf(options())
    const refs = await source.listRefs()
    const snapshot = await source.open(refs)
    const oids = (await snapshot.tree(refs.commit, WHOLE_TREE)).map((entry) => entry.oid)
    server.requests.length = 0
    for await (const _ of snapshot.blobs(oids.slice(0, 1), 100));
    const forOne = server.requests.splice(0).length
    for await (const _ of snapshot.blobs(oids, 100));
    expect(server.requests).toHaveLength(forOne)
    await snapshot.close()
  }))

test('lists only the fetched refs, whatever else the remote has', (context) =>
  withHttpWorld(context, async ({ repository, options }) => {
    const commit = await repository.commit({ 'a.txt': '1' })
    for (const ref of [
      'refs/pull/1/head',
      'refs/x/refs/heads/main',
      'refs/x/refs/tags/v9',
      'refs/heads/other',
    ]) {
      await repository.git('update-ref', ref, commit)
    }
    await repository.tag('v1')
    const expected = { branch: 'main', commit, branches: [], tags: [{ name: 'v1', commit }] }
    expect(await sourceOf(options()).listRefs()).toEqual(expected)
    expect(await sourceOf(options({ branch: 'main' })).listRefs()).toEqual(expected)
  }))

test('never accepts a truncated listing', (context) =>
  withHttpWorld(context, async ({ repository, options, server }) => {
    await repository.commit({ 'a.txt': '1' })
    for (const name of ['v1', 'v2', 'v3']) await repository.tag(name, { annotated: true })
    const source = sourceOf(options())
    const whole = await source.listRefs()
    for (const politely of [true, false]) {
      for (let bytes = 0; bytes < 700; bytes += 23) {
        server.cut = { bytes, politely }
        const outcome = await source.listRefs().catch((error: unknown) => error)
        if (outcome instanceof SourceError)
          expect(outcome.code, String(outcome.causeLine)).toBe('unreachable')
        else expect(outcome).toEqual(whole)
      }
      server.cut = { bytes: 60, politely }
      await expect(source.listRefs()).rejects.toThrow(SourceError)
    }
  }))

test('limits the number of packs in a cache with many fetches', () =>
  withWorld(async ({ repository, options, cacheDir }) => {
    const source = sourceOf(options())
    const first = await repository.commit({ 'first.txt': 'never asked for until the end' })
    for (let index = 0; index < 55; index++) {
      await repository.commit({ 'a.txt': `${index}` })
      await (await source.open(await source.listRefs())).close()
    }
    const packs = [...(await allFiles(cacheDir)).keys()].filter((path) => path.endsWith('.pack'))
    expect(packs.length).toBeLessThan(20)
    await repository.tag('v1', { at: first })
    const lines = await readEverything(source)
    expect(lines.filter((line) => line.endsWith('undefined'))).toEqual([])
  }))

test('reads a repository whose object names are SHA-256', () =>
  withWorld(async ({ root, options }) => {
    const path = join(root, 'sha256')
    await runGit(root, ['init', '--quiet', '--object-format=sha256', '--initial-branch=main', path])
    const repository = await createRepository(path)
    const tip = await repository.commit({ 'x/a.txt': '1', 'b.txt': '2' })
    expect(tip).toHaveLength(64)
    await repository.tag('v1', { annotated: true })
    const lines = await readEverything(sourceOf(options({ repository: path })))
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'main 100644 b.txt',
      'main 100644 x/a.txt',
      'v1 100644 b.txt',
      'v1 100644 x/a.txt',
    ])
  }))

test('starts a new cache if the source names another repository', () =>
  withWorld(async ({ root, repository, options }) => {
    await repository.commit({ 'a.txt': '1' })
    const other = await createRepository(join(root, 'other'))
    await other.commit({ 'b.txt': '2' })
    expect(await readEverything(sourceOf(options()))).toHaveLength(1)
    const lines = await readEverything(sourceOf(options({ repository: other.path })))
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['b.txt'])
  }))

test('reports how to fix a shallow clone', () =>
  withWorld(async ({ root, repository, options }) => {
    for (const text of ['1', '2', '3']) await repository.commit({ 'a.txt': text })
    const shallow = join(root, 'shallow')
    await runGit(root, ['clone', '--quiet', '--depth=1', `file://${repository.path}`, shallow])
    const source = sourceOf(options({ repository: shallow }))
    const refs = await source.listRefs()
    await expect(source.open(refs)).rejects.toThrow(/shallow clone.*--unshallow/)
  }))

test('reports a missing git', () =>
  withWorld(async ({ root, options }) => {
    const source = sourceOf(options({ env: { PATH: root } }))
    await expect(source.listRefs()).rejects.toMatchObject({ code: 'git_missing' })
  }))

const BUNDLE = resolve(import.meta.dirname, '../../../../shared/data/fabric-patterns.bundle')

test('reads every release of a real repository as git itself does', (context) =>
  withWorld(async ({ root, options }) => {
    skipWithout(context, existsSync(BUNDLE) ? undefined : 'the bundle of the real repository is not there')
    const path = join(root, 'fabric')
    await runGit(root, ['clone', '--quiet', '--mirror', BUNDLE, path])
    const source = sourceOf(options({ repository: path }))
    const { branch, tags } = await source.listRefs()
    const git = (...args: readonly string[]) => runGit(path, args)
    expect(tags.map((tag) => tag.name)).toEqual((await git('tag')).split('\n').sort())
    const expected = await truth({ git }, [branch, ...tags.map((tag) => tag.name)])
    expect(expected.length).toBeGreaterThan(10_000)
    expect(await readEverything(source)).toEqual(expected)
  }))
