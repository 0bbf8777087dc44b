import { expect } from 'vitest'
import type { GitSource, RefListing } from '../../controller/source/git-source.ts'
import type { Oid } from '../../controller/source/oid.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import { expectFailure, NOWHERE } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

const isRelease = (name: string) => name === 'main' || name.startsWith('release/')

/** A branch with one commit of its own, made at the current tip; stays on main. */
async function branchOff({ git, commit }: TestRepository, name: string): Promise<Oid> {
  await git('checkout', '--quiet', '-b', name)
  const tip = await commit({ [`${name}.txt`]: name })
  await git('checkout', '--quiet', 'main')
  return tip
}

/** main with two commits, and release branches that left it at the first and at the second. */
async function branching(repository: TestRepository) {
  const base = await repository.commit({ 'a.txt': '1' })
  const one = await branchOff(repository, 'release/1.0')
  const main = await repository.commit({ 'a.txt': '2' })
  const two = await branchOff(repository, 'release/2.0')
  const topic = await branchOff(repository, 'topic')
  return { base, main, one, two, topic }
}

const paths = (tree: readonly { readonly path: string }[]) => tree.map(({ path }) => path)

export const branchCases: readonly GitSourceCase[] = [
  {
    name: 'lists the release branches beside the tracked one, sorted by name, and no other branch',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const { main, one, two } = await branching(repository)
      const upper = await branchOff(repository, 'release/B')
      const branches = [
        { name: 'release/1.0', commit: one },
        { name: 'release/2.0', commit: two },
        { name: 'release/B', commit: upper },
      ]
      const source = make(repository, { isReleaseBranch: isRelease })
      expect(await source.listRefs()).toEqual({ branch: 'main', commit: main, branches, tags: [] })
      const other = make(repository, { branch: 'release/2.0', isReleaseBranch: isRelease })
      expect(await other.listRefs()).toMatchObject({
        branch: 'release/2.0',
        commit: two,
        branches: [branches[0], branches[2], { name: 'main', commit: main }].toSorted((a, b) =>
          String(a?.name) < String(b?.name) ? -1 : 1,
        ),
      })
      expect((await make(repository).listRefs()).branches).toEqual([])
    },
  },
  {
    name: 'shows a release branch that moved at its new commit, and a deleted one no more',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const { base } = await branching(repository)
      const source = make(repository, { isReleaseBranch: isRelease })
      expect((await source.listRefs()).branches).toHaveLength(2)
      await repository.git('branch', '--quiet', '-D', 'release/2.0')
      await repository.git('branch', '--quiet', '--force', 'release/1.0', base)
      expect((await source.listRefs()).branches).toEqual([{ name: 'release/1.0', commit: base }])
    },
  },
  {
    name: 'says that the branch is missing when only release branches are there',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await branching(repository)
      const source = make(repository, { branch: 'absent', isReleaseBranch: isRelease })
      await expectFailure(source.listRefs(), 'branch_missing')
    },
  },
  {
    name: 'reads the commits of release branches, with their history',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const { base, one } = await branching(repository)
      await repository.git('checkout', '--quiet', 'release/1.0')
      const newest = await repository.commit({ 'fix.txt': 'fixed' })
      await repository.git('checkout', '--quiet', 'main')
      const source = make(repository, { isReleaseBranch: isRelease })
      const snapshot = await source.open(await source.listRefs())
      expect(paths(await snapshot.tree(newest, WHOLE_TREE))).toEqual(['a.txt', 'fix.txt', 'release/1.0.txt'])
      expect(paths(await snapshot.tree(one, WHOLE_TREE))).toEqual(['a.txt', 'release/1.0.txt'])
      expect([...(await snapshot.reachable([base, one], [newest]))].sort()).toEqual([base, one].sort())
      await snapshot.close()
    },
  },
  {
    name: 'tells what any of several tips reaches, and names a tip that is missing',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const { base, main, one, two, topic } = await branching(repository)
      await repository.tag('stray', { at: topic })
      const source = make(repository, { isReleaseBranch: isRelease })
      const snapshot = await source.open(await source.listRefs())
      const all = [base, main, one, two, topic]
      const reached = async (...tips: Oid[]) => [...(await snapshot.reachable(all, tips))].sort()
      expect(await reached(main)).toEqual([base, main].sort())
      expect(await reached(one, two)).toEqual([base, main, one, two].sort())
      expect(await reached(two, one)).toEqual([base, main, one, two].sort())
      expect(await reached(one, one)).toEqual([base, one].sort())
      expect(await reached()).toEqual([])
      await expectFailure(snapshot.reachable(all, [main, NOWHERE]), 'object_missing')
      await expectFailure(snapshot.reachable([main], [NOWHERE, main]), 'object_missing')
      await snapshot.close()
    },
  },
]

const LISTED = branchCases[0]?.name ?? ''

/** A source that changes what it lists. */
function listingFault(name: string, caught: string, change: (refs: RefListing) => RefListing): Fault {
  const spoil = (source: GitSource): Partial<GitSource> => ({
    listRefs: async (signal) => change(await source.listRefs(signal)),
  })
  return { name, caught, source: spoil }
}

export const branchFaults: readonly Fault[] = [
  listingFault('leaves release branches out', LISTED, (refs) => ({ ...refs, branches: [] })),
  listingFault('lists the tracked branch twice', LISTED, (refs) => ({
    ...refs,
    branches: [{ name: refs.branch, commit: refs.commit }, ...refs.branches],
  })),
  listingFault('lists release branches in another order', LISTED, (refs) => ({
    ...refs,
    branches: refs.branches.toReversed(),
  })),
  {
    name: 'lists every branch',
    caught: LISTED,
    source: (source, { git }) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        const names = (await git('for-each-ref', '--format=%(refname:short)', 'refs/heads/')).split('\n')
        const others = names.sort().filter((name) => name !== refs.branch)
        const branches = others.map(async (name) => ({ name, commit: await git('rev-parse', name) }))
        return { ...refs, branches: await Promise.all(branches) }
      },
    }),
  },
  {
    name: 'remembers where release branches were',
    caught: 'shows a release branch that moved at its new commit, and a deleted one no more',
    source: (source) => {
      let first: RefListing['branches'] | undefined
      return {
        async listRefs(signal) {
          const refs = await source.listRefs(signal)
          first ??= refs.branches
          return { ...refs, branches: first }
        },
      }
    },
  },
  {
    name: 'takes a release branch for the tracked one',
    caught: 'says that the branch is missing when only release branches are there',
    source: (source, { git }) => ({
      listRefs: (signal) =>
        source.listRefs(signal).catch(async () => ({
          ...{ branch: 'release/1.0', commit: await git('rev-parse', 'release/1.0') },
          ...{ branches: [], tags: [] },
        })),
    }),
  },
  {
    name: 'lists release branches and does not fetch them',
    needs: 'exclusive',
    caught: 'reads the commits of release branches, with their history',
    source: (source) => ({ open: (listing, signal) => source.open({ ...listing, branches: [] }, signal) }),
  },
  {
    name: 'walks from the first tip only',
    caught: 'tells what any of several tips reaches, and names a tip that is missing',
    snapshot: (snapshot) => ({
      reachable: (commits, tips) => snapshot.reachable(commits, tips.slice(0, 1)),
    }),
  },
  {
    name: 'passes over a tip that is missing',
    caught: 'tells what any of several tips reaches, and names a tip that is missing',
    snapshot: (snapshot) => ({
      async reachable(commits, tips) {
        const known = await Promise.all(
          tips.map((tip) =>
            snapshot.commit(tip).then(
              () => tip,
              () => [],
            ),
          ),
        )
        return snapshot.reachable(commits, known.flat())
      },
    }),
  },
]
