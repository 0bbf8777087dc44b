import { expect } from 'vitest'
import { SourceError } from '../../controller/source/git-source.ts'
import type { Oid } from '../../controller/source/oid.ts'
import { WHOLE_TREE } from '../../controller/source/tree-scope.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import type { Fault } from './git-source.faults.ts'

const MOST = 1024 * 1024
const TAGGER = 'Cleo <cleo@example.com> 1770000000 +0000'
const SIGNATURE = '-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n'

/** An object with these headers, filled up to so many bytes. */
async function writeObject(
  { gitWith }: TestRepository,
  type: 'commit' | 'tag',
  headers: string,
  { bytes, end = '\n' }: { readonly bytes: number; readonly end?: string },
): Promise<Oid> {
  const start = `${headers}\n`
  const filling = 'x'.repeat(bytes - start.length - end.length)
  const write = ['hash-object', '-t', type, '-w', '--literally', '--stdin']
  return await gitWith(start + filling + end, ...write)
}

async function writeTag(
  repository: TestRepository,
  name: string,
  bytes: number,
  signature = '',
): Promise<Oid> {
  const commit = await repository.git('rev-parse', 'HEAD')
  const headers = `object ${commit}\ntype commit\ntag ${name}\ntagger ${TAGGER}\n`
  const oid = await writeObject(repository, 'tag', headers, { bytes, end: `\n${signature}` })
  await repository.git('update-ref', `refs/tags/${name}`, oid)
  return oid
}

async function writeCommit(repository: TestRepository, name: string, bytes: number): Promise<Oid> {
  const tree = await repository.git('rev-parse', 'HEAD^{tree}')
  const headers = `tree ${tree}\nauthor Ada ${TAGGER.slice(5)}\ncommitter ${TAGGER}\n`
  const oid = await writeObject(repository, 'commit', headers, { bytes })
  await repository.git('update-ref', `refs/tags/${name}`, oid)
  return oid
}

const outcomeOf = (work: Promise<unknown>) => work.catch((error: unknown) => error)

function expectTooLarge(outcome: unknown, object: Oid): void {
  expect(outcome).toBeInstanceOf(SourceError)
  expect(outcome).toMatchObject({ code: 'too_large', object, message: expect.stringContaining(object) })
}

export const sizeCases: readonly GitSourceCase[] = [
  {
    name: 'reads a tag object of 1 MiB, and names one that is larger, signed or not',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const most = await writeTag(repository, 'most', MOST)
      const more = await writeTag(repository, 'more', MOST + 1)
      const signed = await writeTag(repository, 'signed', MOST + 1, SIGNATURE)
      const far = await writeTag(repository, 'far', 9 * MOST)
      const source = make(repository)
      const snapshot = await source.open(await source.listRefs())
      const tagger = 'Cleo <cleo@example.com>'
      expect((await snapshot.tagObjects([most])).get(most)).toMatchObject({ tagger, signature: null })
      for (const oid of [more, signed, far]) expectTooLarge(await outcomeOf(snapshot.tagObjects([oid])), oid)
      // What is left without it can be had.
      expectTooLarge(await outcomeOf(snapshot.tagObjects([most, more])), more)
      expect((await snapshot.tagObjects([most])).size).toBe(1)
      await snapshot.close()
    },
  },
  {
    name: 'reads a commit of 1 MiB, and of a larger one either what it needs without reading it, or names it',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const small = await repository.commit({ 'a.txt': '1' })
      const most = await writeCommit(repository, 'most', MOST)
      const more = await writeCommit(repository, 'more', MOST + 1)
      const source = make(repository)
      const snapshot = await source.open(await source.listRefs())
      const author = 'Ada <cleo@example.com>'
      const tree = await snapshot.tree(small, WHOLE_TREE)
      expect(await snapshot.commit(most)).toMatchObject({ author })
      expect(await snapshot.tree(most, WHOLE_TREE)).toEqual(tree)
      const info = await outcomeOf(snapshot.commit(more))
      if (info instanceof Error) expectTooLarge(info, more)
      else expect(info).toMatchObject({ author })
      const files = await outcomeOf(snapshot.tree(more, WHOLE_TREE))
      if (files instanceof Error) expectTooLarge(files, more)
      else expect(files).toEqual(tree)
      // Where it lies does not depend on what it says.
      expect([...(await snapshot.reachable([more], [more]))]).toEqual([more])
      await snapshot.close()
    },
  },
]

const [TAGS = '', COMMITS = ''] = sizeCases.map(({ name }) => name)
const UNSIGNED = { tagger: 'Cleo <cleo@example.com>', taggedAt: null, signature: null }

export const sizeFaults: readonly Fault[] = [
  {
    name: 'takes a tag object that is too large for an unsigned one',
    caught: TAGS,
    snapshot: (snapshot) => ({
      tagObjects: (objects) =>
        snapshot.tagObjects(objects).catch(() => new Map([...objects].map((oid) => [oid, UNSIGNED]))),
    }),
  },
  {
    name: 'does not say which object is too large',
    caught: TAGS,
    snapshot: (snapshot) => ({
      tagObjects: (objects) =>
        snapshot.tagObjects(objects).catch(() => {
          throw new SourceError('too_large', 'Some tag object is too large.')
        }),
    }),
  },
  {
    name: 'makes something up of a commit that is too large',
    caught: COMMITS,
    snapshot: (snapshot) => ({
      commit: async (oid) => ({ ...(await snapshot.commit(oid)), author: 'nobody' }),
    }),
  },
]
