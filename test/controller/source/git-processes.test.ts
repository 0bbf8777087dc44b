import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GitSource } from '../../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { watchGitProcesses } from '../../support/git-processes.ts'
import { isolatedGitEnvironment } from '../../support/git-repository.ts'
import { manyCommits, sourceOf, withHttpWorld, withWorld } from './git-world.ts'

/** Lists, opens and reads the branch's files. */
async function readBranch(source: GitSource): Promise<string[]> {
  const listing = await source.listRefs()
  const snapshot = await source.open(listing)
  const oids = (await snapshot.tree(listing.commit, WHOLE_TREE)).map(({ oid }) => oid)
  const texts: string[] = []
  for await (const blob of snapshot.blobs(oids, 1_000))
    if ('bytes' in blob) texts.push(Buffer.from(blob.bytes).toString())
  await snapshot.close()
  return texts.sort()
}

test('a changed file takes a listing, one process that reads the cache, and two fetches', (context) =>
  withHttpWorld(context, async ({ repository, options }) => {
    const processes = watchGitProcesses()
    await repository.commit({ 'a.txt': '1', 'b.txt': '1' })
    await readBranch(sourceOf(options()))
    processes()
    const commit = await repository.commit({ 'a.txt': '2' })
    await repository.tag('v1', { at: commit })
    processes()
    expect(await readBranch(sourceOf(options()))).toEqual(['1', '2'])
    expect(processes()).toEqual(['ls-remote', 'fetch', 'cat-file', 'fetch'])
    expect(await readBranch(sourceOf(options()))).toEqual(['1', '2'])
    expect(processes()).toEqual(['ls-remote', 'cat-file'])
  }))

test('a repository on this machine is asked once whether it is shallow', () =>
  withWorld(async ({ repository, options }) => {
    const processes = watchGitProcesses()
    const source = sourceOf(options())
    for (const text of ['1', '2', '3']) {
      await repository.commit({ 'a.txt': text })
      processes()
      expect(await readBranch(source)).toEqual([text])
      const first = text === '1'
      expect(processes().filter((name) => name === 'rev-parse')).toEqual(first ? ['rev-parse'] : [])
    }
  }))

test('many releases are kept with one process more than a few, and found without one', () =>
  withWorld(async ({ repository, options }) => {
    const processes = watchGitProcesses()
    await manyCommits(repository, 120, 1)
    processes()
    await readBranch(sourceOf(options()))
    const first = processes()
    expect(first.filter((name) => name === 'update-ref')).toEqual(['update-ref'])
    expect(first.filter((name) => name === 'fetch')).toHaveLength(2)
    await readBranch(sourceOf(options()))
    expect(processes()).toEqual(['ls-remote', 'cat-file'])
  }))

test('git before 2.36 reads with a process for sizes and one for content', () =>
  withWorld(async ({ root, repository, options }) => {
    const env = await oldGit(join(root, 'bin'))
    const processes = watchGitProcesses()
    const source = sourceOf(options({ env }))
    await repository.commit({ 'a.txt': '1' })
    expect(await readBranch(source)).toEqual(['1'])
    await repository.commit({ 'a.txt': '2' })
    processes()
    expect(await readBranch(source)).toEqual(['2'])
    expect(processes()).toEqual(['ls-remote', 'fetch', 'cat-file', 'cat-file', 'fetch'])
  }))

/** The environment of a git that refuses `--batch-command` as old ones do. */
async function oldGit(folder: string): Promise<Record<string, string>> {
  const env = isolatedGitEnvironment()
  await mkdir(folder)
  const script = `#!/bin/sh
case "$*" in *--batch-command*) echo "error: unknown option \\\`batch-command'" >&2; exit 129 ;; esac
PATH="\${PATH#*:}" exec git "$@"
`
  await writeFile(join(folder, 'git'), script)
  await chmod(join(folder, 'git'), 0o755)
  return { ...env, PATH: `${folder}:${env.PATH}` }
}
