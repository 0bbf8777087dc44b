import { createHash } from 'node:crypto'
import { createGitSource, type GitSourceOptions } from '../../../controller/source/git/index.ts'
import type { GitSnapshot, GitSource } from '../../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'

/**
 * `<ref> <mode> <path> <blob>` for each file of every listed commit; the last word is computed from the bytes
 * that came, so comparing it with git's own listing compares every byte.
 */
export async function readEverything(source: GitSource): Promise<string[]> {
  const listing = await source.listRefs()
  const snapshot = await source.open(listing)
  try {
    const trees = new Map<string, Awaited<ReturnType<GitSnapshot['tree']>>>()
    trees.set(listing.branch, await snapshot.tree(listing.commit, WHOLE_TREE))
    for (const { name, commit } of listing.tags) trees.set(name, await snapshot.tree(commit, WHOLE_TREE))
    const files = [...trees.values()].flat().filter((entry) => entry.mode !== '160000')
    const digests = new Map<string, string>()
    for await (const blob of snapshot.blobs(
      files.map((entry) => entry.oid),
      1 << 24,
    )) {
      if (!('bytes' in blob)) continue
      const hash = createHash(blob.oid.length === 40 ? 'sha1' : 'sha256')
      digests.set(blob.oid, hash.update(`blob ${blob.bytes.length}\0`).update(blob.bytes).digest('hex'))
    }
    return [...trees].flatMap(([name, entries]) =>
      entries.map(({ mode, oid, path }) => `${name} ${mode} ${path} ${digests.get(oid)}`),
    )
  } finally {
    await snapshot.close()
  }
}

// As a program: `read-repository.ts read|hold <options as JSON>`. `hold` keeps the repository open until the end
// of its input.
const [, program, what, json] = process.argv
if (program?.endsWith('read-repository.ts') && json !== undefined) {
  const source = createGitSource(JSON.parse(json) as GitSourceOptions)
  if (what === 'read') console.log((await readEverything(source)).join('\n'))
  else {
    const snapshot = await source.open(await source.listRefs())
    console.log('open')
    for await (const _ of process.stdin);
    await snapshot.close()
  }
}
