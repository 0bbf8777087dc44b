import { expect } from 'vitest'
import type { GitSource } from '../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import { expectFailure, NO_REFS } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

/** Enough that no listing fits in one page, one packet or one question. */
const MANY = 5_000

/** Every tenth of them is annotated. */
async function manyTags({ git, gitWith }: TestRepository, commit: string): Promise<string[]> {
  const names = Array.from({ length: MANY }, (_, index) => `v1.${index}.0`)
  const annotated = `from ${commit}\ntagger Cleo <cleo@example.com> 1770000000 +0000\ndata 1\nx\n`
  const commands = names.map((name, index) =>
    index % 10 === 0 ? `tag ${name}\n${annotated}` : `reset refs/tags/${name}\nfrom ${commit}\n`,
  )
  await gitWith(commands.join(''), 'fast-import', '--quiet')
  await git('pack-refs', '--all')
  return names
}

/** What remotes do to those who read them. */
export const troubleCases: readonly GitSourceCase[] = [
  {
    name: 'lists 5,000 tags, each at its commit',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      const names = await manyTags(repository, commit)
      const { tags } = await make(repository).listRefs()
      expect(tags.map(({ name }) => name)).toEqual(names.sort())
      expect(new Set(tags.map((tag) => tag.commit))).toEqual(new Set([commit]))
    },
  },
  {
    name: 'takes no listing that was cut short for a shorter one',
    needsConnection: true,
    async run({ createRepository, make, cutListings }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      for (let index = 0; index < 40; index++) await repository.git('tag', `before-${index}`)
      const source = make(repository)
      const before = await source.listRefs()
      await repository.tag('z-last')
      const mend = cutListings?.()
      try {
        await expectFailure(source.listRefs(), 'unreachable')
        await expectFailure(make(repository).listRefs(), 'unreachable')
      } finally {
        mend?.()
      }
      const { tags } = await source.listRefs()
      expect(tags).toEqual([...before.tags, { name: 'z-last', commit: before.commit }])
    },
  },
  {
    name: 'says that a repository vanished, and goes on where it was when it is back',
    async run({ createRepository, make, vanish }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      await repository.tag('v1', { annotated: true })
      const source = make(repository)
      const before = await source.listRefs()
      await (await source.open(before)).close()
      const bringBack = await vanish(repository)
      await expectFailure(source.listRefs(), 'not_found')
      await bringBack()
      expect(await source.listRefs()).toEqual(before)
      const commit = await repository.commit({ 'b.txt': '2' })
      const snapshot = await source.open(await source.listRefs())
      expect((await snapshot.tree(commit, WHOLE_TREE)).map(({ path }) => path)).toEqual(['a.txt', 'b.txt'])
      await snapshot.close()
    },
  },
]

export const troubleFaults: readonly Fault[] = [
  {
    name: 'stops at a thousand tags',
    caught: 'lists 5,000 tags, each at its commit',
    source: (source) => ({
      async listRefs(signal) {
        const refs = await source.listRefs(signal)
        return { ...refs, tags: refs.tags.slice(0, 1_000) }
      },
    }),
  },
  {
    name: 'believes what it has of a listing',
    caught: 'takes no listing that was cut short for a shorter one',
    needs: 'connection',
    source: (source) => ({ listRefs: believing(source) }),
  },
  {
    name: 'takes a repository that vanished for an empty one',
    caught: 'says that a repository vanished, and goes on where it was when it is back',
    source: (source) => ({
      listRefs: (signal) => source.listRefs(signal).catch(() => NO_REFS),
    }),
  },
  {
    name: 'gives a repository up that vanished once',
    caught: 'says that a repository vanished, and goes on where it was when it is back',
    source: (source) => {
      let gone: unknown
      return {
        async listRefs(signal) {
          if (gone !== undefined) throw gone
          return await source.listRefs(signal).catch((error: unknown) => {
            gone = error
            throw error
          })
        },
      }
    },
  },
]

/** Lists what it saw before in place of what did not come. */
function believing(source: GitSource): GitSource['listRefs'] {
  let known: Awaited<ReturnType<GitSource['listRefs']>> | undefined
  return async (signal) => {
    try {
      known = await source.listRefs(signal)
    } catch (error) {
      if (known === undefined) throw error
    }
    return known
  }
}
