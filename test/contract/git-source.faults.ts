import { expect } from 'vitest'
import { type GitSnapshot, type GitSource, SourceError } from '../../controller/source/git-source.ts'
import type { TestRepository } from '../support/git-repository.ts'
import { branchFaults } from './git-source.branches.ts'
import { type GitSourceHarness, gitSourceCases } from './git-source.contract.ts'
import { evidenceFaults } from './git-source.evidence.ts'
import { NO_REFS } from './git-source.failure.ts'
import { pullRequestFaults } from './git-source.pull-requests.ts'
import { sizeFaults } from './git-source.sizes.ts'
import { tagObjectFaults } from './git-source.tag-objects.ts'
import { treeFaults } from './git-source.trees.ts'
import { troubleFaults } from './git-source.troubles.ts'

/** One way for an adapter to be wrong, and the case that must notice. */
export interface Fault {
  readonly name: string
  readonly caught: string
  /**
   * The fault cannot be made where sources hold no cache alone, leave tags out that are no commits, or have no
   * connection that could be cut.
   */
  readonly needs?: 'exclusive' | 'tags of files' | 'connection'
  readonly source?: (source: GitSource, repository: TestRepository) => Partial<GitSource>
  readonly snapshot?: (snapshot: GitSnapshot) => Partial<GitSnapshot>
}

export const faults: readonly Fault[] = [
  ...branchFaults,
  ...evidenceFaults,
  ...treeFaults,
  ...tagObjectFaults,
  ...sizeFaults,
  ...pullRequestFaults,
  ...troubleFaults,
  {
    name: 'does not peel tags',
    caught: 'gives the commit of an annotated tag, and of a tag of a tag, beside the tag object',
    source: (source, repository) => ({
      async listRefs() {
        const refs = await source.listRefs()
        const unpeeled = (name: string) => repository.git('rev-parse', `refs/tags/${name}`)
        const tags = refs.tags.map(async ({ name }) => ({ name, commit: await unpeeled(name) }))
        return { ...refs, tags: await Promise.all(tags) }
      },
    }),
  },
  {
    name: 'leaves tag objects out of its listing',
    caught: 'gives the commit of an annotated tag, and of a tag of a tag, beside the tag object',
    source: (source) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        return { ...refs, tags: refs.tags.map(({ name, commit }) => ({ name, commit })) }
      },
    }),
  },
  {
    name: 'takes the commit of a lightweight tag for a tag object',
    caught: 'gives the commit of an annotated tag, and of a tag of a tag, beside the tag object',
    source: (source) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        return { ...refs, tags: refs.tags.map((tag) => ({ object: tag.commit, ...tag })) }
      },
    }),
  },
  {
    name: 'stops at a hundred tags',
    caught: 'lists every tag, however many pages that takes, sorted by name',
    source: (source) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        return { ...refs, tags: refs.tags.slice(0, 100) }
      },
    }),
  },
  {
    name: 'lists tags in another order',
    caught: 'lists every tag, however many pages that takes, sorted by name',
    source: (source) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        return { ...refs, tags: refs.tags.toSorted((a, b) => a.name.localeCompare(b.name)) }
      },
    }),
  },
  {
    name: 'remembers an old listing',
    caught: 'shows a moved tag at its new commit and a deleted one no more',
    source: (source) => {
      let first: ReturnType<GitSource['listRefs']> | undefined
      return {
        listRefs: (signal) => {
          first ??= source.listRefs(signal)
          return first
        },
      }
    },
  },
  {
    name: 'answers an empty listing for an empty repository',
    caught: 'says that the repository is empty when it has no commit, whether a branch is named or not',
    source: (source) => ({
      listRefs: (signal) => source.listRefs(signal).catch(() => NO_REFS),
    }),
  },
  {
    name: 'throws errors of its own',
    caught: 'says that a repository is not found when there is none',
    source: (source) => ({
      listRefs: (signal) =>
        source.listRefs(signal).catch((error: Error) => Promise.reject(new Error(error.message))),
    }),
  },
  {
    name: 'does not listen to its signal',
    caught: 'stops with an error when its caller gives up',
    source: (source) => ({ open: (listing) => source.open(listing) }),
  },
  {
    name: 'lists files in another order',
    caught: 'gives every file of a commit with its mode, sorted by the bytes of its path',
    snapshot: (snapshot) => ({
      async tree(commit, scope) {
        const tree = await snapshot.tree(commit, scope)
        return tree.toSorted((a, b) => (a.path < b.path ? -1 : 1))
      },
    }),
  },
  ...(['120000', '160000', '100755'] as const).map(
    (mode): Fault => ({
      name: `leaves out files of mode ${mode}`,
      caught: 'gives every file of a commit with its mode, sorted by the bytes of its path',
      snapshot: (snapshot) => ({
        tree: async (commit, scope) =>
          (await snapshot.tree(commit, scope)).filter((entry) => entry.mode !== mode),
      }),
    }),
  ),
  {
    name: 'shows the first tree that it read for every commit',
    caught: 'gives the tree of each tag as it was then, and the same when asked again',
    snapshot: (snapshot) => {
      let first: ReturnType<GitSnapshot['tree']> | undefined
      return {
        tree: (commit, scope) => {
          first ??= snapshot.tree(commit, scope)
          return first
        },
      }
    },
  },
  {
    name: 'calls an absent commit empty',
    caught: 'says that an object is missing when asked for a commit that never was',
    snapshot: (snapshot) => ({ tree: (commit, scope) => snapshot.tree(commit, scope).catch(() => []) }),
  },
  {
    name: 'drops the last blob',
    caught: 'gives the exact bytes of every blob asked for, each once',
    snapshot: (snapshot) => ({
      blobs: (oids, maxBytes) => snapshot.blobs([...new Set(oids)].slice(0, -1), maxBytes),
    }),
  },
  {
    name: 'drops blobs that the remote lacks',
    caught: 'says that an object is missing when asked for a commit that never was',
    snapshot: (snapshot) => ({
      async *blobs(oids, maxBytes) {
        try {
          yield* snapshot.blobs(oids, maxBytes)
        } catch {}
      },
    }),
  },
  {
    name: 'gives a blob once for each time it was asked for',
    caught: 'gives the exact bytes of every blob asked for, each once',
    snapshot: (snapshot) => ({
      async *blobs(oids, maxBytes) {
        for (const oid of oids) yield* snapshot.blobs([oid], maxBytes)
      },
    }),
  },
  {
    name: 'decodes blobs as text',
    caught: 'gives the exact bytes of every blob asked for, each once',
    snapshot: (snapshot) => ({
      async *blobs(oids, maxBytes) {
        for await (const blob of snapshot.blobs(oids, maxBytes)) {
          yield 'bytes' in blob ? { ...blob, bytes: Buffer.from(Buffer.from(blob.bytes).toString()) } : blob
        }
      },
    }),
  },
  {
    name: 'ignores the size limit',
    caught: 'gives the size instead of the bytes of a blob over the limit, and the others all the same',
    snapshot: (snapshot) => ({ blobs: (oids) => snapshot.blobs(oids, Number.MAX_SAFE_INTEGER) }),
  },
  {
    name: 'takes the limit for one byte less',
    caught: 'gives the size instead of the bytes of a blob over the limit, and the others all the same',
    snapshot: (snapshot) => ({ blobs: (oids, maxBytes) => snapshot.blobs(oids, maxBytes - 1) }),
  },
  {
    name: 'calls every commit reachable',
    caught: 'tells ancestors of a commit, and itself, from commits beside and after it',
    snapshot: () => ({ reachable: async (commits) => new Set(commits) }),
  },
  {
    name: 'does not count a commit as its own ancestor',
    caught: 'tells ancestors of a commit, and itself, from commits beside and after it',
    snapshot: (snapshot) => ({
      async reachable(commits, tips) {
        const found = await snapshot.reachable(commits, tips)
        return new Set([...found].filter((oid) => !tips.includes(oid)))
      },
    }),
  },
  {
    name: 'mistakes the committer for the author',
    caught: 'gives author and time of a commit, in UTC',
    snapshot: (snapshot) => ({
      commit: async (oid) => ({ ...(await snapshot.commit(oid)), author: 'Someone Else <else@example.com>' }),
    }),
  },
  {
    name: 'opens whatever the tags are now',
    caught: 'never takes the new place of a tag for the listed one',
    source: (source) => ({
      async open(listing, signal) {
        const now = await source.listRefs(signal)
        const snapshot = await source.open(now, signal)
        const moved = new Map(listing.tags.map((tag) => [tag.commit, now.commit]))
        return { ...snapshot, tree: (commit, scope) => snapshot.tree(moved.get(commit) ?? commit, scope) }
      },
    }),
  },
  {
    name: 'does not let go when it is closed',
    needs: 'exclusive',
    caught: 'lets a second reader in only when the first has closed, twice if it likes',
    snapshot: () => ({ close: async () => {} }),
  },
  {
    name: 'lets everyone in',
    needs: 'exclusive',
    caught: 'lets a second reader in only when the first has closed, twice if it likes',
    source: (source) => ({
      async open(listing, signal) {
        const snapshot = await source.open(listing, signal)
        await snapshot.close()
        return snapshot
      },
    }),
  },
  {
    name: 'answers after closing',
    caught: 'refuses questions after closing',
    snapshot: (snapshot) => ({ tree: (commit, scope) => snapshot.tree(commit, scope).catch(() => []) }),
  },
  {
    name: 'lists the first commit of the branch',
    caught: 'lists the default branch with its newest commit',
    source: (source, repository) => ({
      async listRefs() {
        const commit = await repository.git('rev-list', '--max-parents=0', 'HEAD')
        return { ...(await source.listRefs()), commit }
      },
    }),
  },
  {
    name: 'always follows the default branch',
    caught: 'lists the branch it was told to follow, not the default one',
    source: (source, repository) => ({
      async listRefs() {
        const commit = await repository.git('rev-parse', 'HEAD')
        return { ...(await source.listRefs()), branch: 'main', commit }
      },
    }),
  },
  {
    name: 'takes main for the default branch of every repository',
    caught: 'follows the default branch when it gets another name',
    source: (source) => ({ listRefs: async () => ({ ...(await source.listRefs()), branch: 'main' }) }),
  },
  {
    name: 'leaves out tags that could be options',
    caught: 'takes a tag that looks like an option for a name',
    source: (source) => ({
      async listRefs() {
        const refs = await source.listRefs()
        return { ...refs, tags: refs.tags.filter((tag) => !tag.name.startsWith('-')) }
      },
    }),
  },
  {
    name: 'falls back to another branch',
    caught: 'says that the branch is missing when it is not there',
    source: (source, repository) => ({
      listRefs: () =>
        source.listRefs().catch(async () => ({
          branch: 'main',
          commit: await repository.git('rev-parse', 'main'),
          branches: [],
          tags: [],
        })),
    }),
  },
  {
    name: 'calls a commit without files missing',
    caught: 'gives no files for a commit without files',
    snapshot: (snapshot) => ({
      async tree(commit, scope) {
        const tree = await snapshot.tree(commit, scope)
        if (tree.length === 0) throw new SourceError('object_missing', 'No files.')
        return tree
      },
    }),
  },
  {
    name: 'cannot open when a tag is no commit',
    needs: 'tags of files',
    caught: 'goes on when a tag points at a file or a directory',
    source: (source, repository) => ({
      async open(listing, signal) {
        for (const { commit } of listing.tags) {
          const type = await repository.git('cat-file', '-t', commit)
          if (type !== 'commit') throw new SourceError('failed', `A tag is a ${type}.`)
        }
        return source.open(listing, signal)
      },
    }),
  },
  {
    name: 'takes symlinks for files',
    caught: 'gives the target of a symlink as its content',
    snapshot: (snapshot) => ({
      tree: async (commit, scope) =>
        (await snapshot.tree(commit, scope)).map((entry) => ({ ...entry, mode: '100644' })),
    }),
  },
  {
    name: 'gives something when asked for nothing',
    caught: 'gives nothing when asked for no blobs',
    snapshot: (snapshot) => ({
      async *blobs(oids, maxBytes) {
        yield* snapshot.blobs(oids, maxBytes)
        yield { oid: '', bytes: new Uint8Array() }
      },
    }),
  },
  {
    name: 'is deaf while blobs are read',
    caught: 'answers other questions while blobs are read, and after a reading was broken off',
    snapshot: (snapshot) => {
      let reading = false
      return {
        async *blobs(oids, maxBytes) {
          reading = true
          yield* snapshot.blobs(oids, maxBytes)
          reading = false
        },
        tree: (commit, scope) =>
          reading ? Promise.reject(new SourceError('failed', 'Reading.')) : snapshot.tree(commit, scope),
      }
    },
  },
  {
    name: 'knows only what the branch holds now',
    caught: 'reads what a tag holds after the branch was pushed over',
    source: (source) => ({
      async open(listing, signal) {
        const snapshot = await source.open(listing, signal)
        return {
          ...snapshot,
          async tree(commit, scope) {
            if ((await snapshot.reachable([commit], [listing.commit])).size > 0)
              return snapshot.tree(commit, scope)
            throw new SourceError('object_missing', 'Not on the branch.')
          },
        }
      },
    }),
  },
  {
    name: 'has the listed commits without their history',
    caught: 'sees at the next opening what was pushed meanwhile',
    source: (source) => ({
      async open(listing, signal) {
        const snapshot = await source.open(listing, signal)
        const listed = new Set([listing.commit, ...listing.tags.map((tag) => tag.commit)])
        return {
          ...snapshot,
          async tree(commit, scope) {
            if (listed.has(commit)) return snapshot.tree(commit, scope)
            throw new SourceError('object_missing', 'Not listed.')
          },
        }
      },
    }),
  },
]

/** Runs the case that must notice the fault, on sources which are right but for it. */
export async function expectNoticed(fault: Fault, right: GitSourceHarness): Promise<void> {
  const one = gitSourceCases.find(({ name }) => name === fault.caught)
  if (!one) throw new Error(`There is no case "${fault.caught}".`)
  const outcome = await one.run(withFault(fault, right)).then(
    () => 'passed',
    (error: unknown) => error,
  )
  // By the case's own judgement or by an error of the port; anything else would be a fault of the test.
  const noticed =
    outcome instanceof SourceError || (outcome instanceof Error && outcome.name === 'AssertionError')
  expect(noticed, String(outcome)).toBe(true)
}

function withFault(fault: Fault, right: GitSourceHarness): GitSourceHarness {
  const spoil = (source: GitSource, repository: TestRepository): GitSource => {
    const faulty: GitSource = {
      listRefs: (signal) => source.listRefs(signal),
      open: (listing, signal) => source.open(listing, signal),
      ...pullRequestsOf(source),
      ...fault.source?.(source, repository),
    }
    return {
      listRefs: faulty.listRefs,
      ...pullRequestsOf(faulty),
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

function pullRequestsOf({ pullRequest }: GitSource): Partial<GitSource> {
  return pullRequest === undefined ? {} : { pullRequest }
}
