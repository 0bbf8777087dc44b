import { expect } from 'vitest'
import type { GitSource } from '../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import { expectFailure, NOWHERE } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

/** Two commits of the branch, and a head that left it at the first. */
async function proposed(repository: TestRepository) {
  const base = await repository.commit({ 'a.txt': '1' })
  await repository.git('checkout', '--quiet', '-b', 'topic')
  const head = await repository.commit({ 'b.txt': 'proposed' })
  await repository.git('checkout', '--quiet', 'main')
  await repository.git('branch', '--quiet', '-D', 'topic')
  const tip = await repository.commit({ 'a.txt': '2' })
  return { base, head, tip }
}

async function openWith(source: GitSource, number: number) {
  const listing = await source.listRefs()
  const head = await source.pullRequest?.(number)
  return { head, snapshot: await source.open({ ...listing, also: head === undefined ? [] : [head] }) }
}

export const pullRequestCases: readonly GitSourceCase[] = [
  {
    name: 'finds the head of a pull request, also where it moved, and reads its files',
    async run({ createRepository, make, propose }) {
      const repository = await createRepository()
      const { head, tip } = await proposed(repository)
      await propose(repository, 7, tip)
      const source = make(repository)
      expect(await source.pullRequest?.(7)).toEqual({ ref: 'refs/pull/7/head', commit: tip })
      await propose(repository, 7, head)
      const { head: found, snapshot } = await openWith(source, 7)
      expect(found).toEqual({ ref: 'refs/pull/7/head', commit: head })
      expect((await snapshot.tree(head, WHOLE_TREE)).map(({ path }) => path)).toEqual(['a.txt', 'b.txt'])
      await snapshot.close()
    },
  },
  {
    name: 'says that there is no pull request of that number',
    async run({ createRepository, make, propose }) {
      const repository = await createRepository()
      const head = await repository.commit({ 'a.txt': '1' })
      await propose(repository, 71, head)
      const source = make(repository)
      for (const number of [7, 0, -1, 1.5, Number.NaN])
        await expectFailure(source.pullRequest?.(number) ?? Promise.resolve(), 'object_missing')
    },
  },
  {
    name: 'finds where two histories part, and where one is behind the other, in either order',
    async run({ createRepository, make, propose }) {
      const repository = await createRepository()
      const { base, head, tip } = await proposed(repository)
      await propose(repository, 7, head)
      const { snapshot } = await openWith(make(repository), 7)
      expect(await snapshot.mergeBase(head, tip)).toBe(base)
      expect(await snapshot.mergeBase(tip, head)).toBe(base)
      expect(await snapshot.mergeBase(base, tip)).toBe(base)
      expect(await snapshot.mergeBase(tip, tip)).toBe(tip)
      await snapshot.close()
    },
  },
  {
    name: 'tells histories that have nothing in common from commits that are not there',
    async run({ createRepository, make, propose }) {
      const repository = await createRepository()
      const tip = await repository.commit({ 'a.txt': '1' })
      const tree = await repository.git('rev-parse', 'HEAD^{tree}')
      const stranger = await repository.git('commit-tree', '-m', 'no parents', tree)
      await propose(repository, 7, stranger)
      const { snapshot } = await openWith(make(repository), 7)
      expect(await snapshot.mergeBase(stranger, tip)).toBeNull()
      await expectFailure(snapshot.mergeBase(NOWHERE, tip), 'object_missing')
      await expectFailure(snapshot.mergeBase(tip, NOWHERE), 'object_missing')
      await snapshot.close()
    },
  },
]

export const pullRequestFaults: readonly Fault[] = [
  {
    name: 'remembers where the head of a pull request was',
    caught: 'finds the head of a pull request, also where it moved, and reads its files',
    source(source) {
      const known = new Map<number, ReturnType<NonNullable<GitSource['pullRequest']>>>()
      return {
        pullRequest(number, signal) {
          const found = known.get(number) ?? source.pullRequest?.(number, signal)
          if (found === undefined) throw new Error('It has none.')
          known.set(number, found)
          return found
        },
      }
    },
  },
  {
    name: 'takes the branch for a pull request that is not there',
    caught: 'says that there is no pull request of that number',
    source: (source) => ({
      pullRequest: async () => ({ ref: 'refs/heads/main', commit: (await source.listRefs()).commit }),
    }),
  },
  {
    name: 'takes the second commit for where the histories part',
    caught: 'finds where two histories part, and where one is behind the other, in either order',
    snapshot: () => ({ mergeBase: async (_, b) => b }),
  },
  {
    name: 'calls what is missing a history of its own',
    caught: 'tells histories that have nothing in common from commits that are not there',
    snapshot: (snapshot) => ({ mergeBase: (a, b) => snapshot.mergeBase(a, b).catch(() => null) }),
  },
]
