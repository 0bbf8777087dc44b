import { expect } from 'vitest'
import { EVIDENCE_REFS, type RefListing } from '../../controller/source/git-source.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import { expectFailure } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

/** Stores a file and points a ref with evidence at it. Returns the name of its object. */
async function attach({ git, gitWith }: TestRepository, name: string, text: string): Promise<string> {
  const oid = await gitWith(text, 'hash-object', '-w', '--stdin')
  await git('update-ref', EVIDENCE_REFS + name, oid)
  return oid
}

export const evidenceCases: readonly GitSourceCase[] = [
  {
    name: 'lists refs with evidence only if asked to, sorted by name',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      await repository.tag('v1')
      const [b, a] = [await attach(repository, 'b/2', 'two'), await attach(repository, 'a/1', 'one')]
      await repository.git('update-ref', 'refs/promptctl/evidence-of-others/x', commit)
      const evidence = [
        { name: 'a/1', oid: a },
        { name: 'b/2', oid: b },
      ]
      for (const options of [{}, { branch: 'main' }, { isReleaseBranch: () => true }]) {
        const refs = await make(repository, { ...options, evidence: true }).listRefs()
        expect(refs).toMatchObject({ commit, branches: [], tags: [{ name: 'v1', commit }], evidence })
        expect(await make(repository, options).listRefs()).not.toHaveProperty('evidence')
      }
    },
  },
  {
    name: 'shows evidence that comes, moves and goes',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const source = make(repository, { evidence: true })
      expect((await source.listRefs()).evidence).toEqual([])
      const first = await attach(repository, 'a', 'one')
      expect((await source.listRefs()).evidence).toEqual([{ name: 'a', oid: first }])
      const second = await attach(repository, 'a', 'two')
      expect((await source.listRefs()).evidence).toEqual([{ name: 'a', oid: second }])
      await repository.git('update-ref', '-d', `${EVIDENCE_REFS}a`)
      expect((await source.listRefs()).evidence).toEqual([])
    },
  },
  {
    name: 'reads the files of evidence, which no commit has',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const source = make(repository, { evidence: true })
      await (await source.open(await source.listRefs())).close()
      const oid = await attach(repository, 'a', 'one')
      const snapshot = await source.open(await source.listRefs())
      const blobs = await Array.fromAsync(snapshot.blobs([oid], 1000))
      await snapshot.close()
      expect(blobs).toEqual([{ oid, bytes: expect.anything() }])
      expect(blobs.map((blob) => ('bytes' in blob ? Buffer.from(blob.bytes).toString() : ''))).toEqual([
        'one',
      ])
    },
  },
  {
    name: 'says so when evidence points at a commit, or is gone',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      await repository.git('update-ref', `${EVIDENCE_REFS}a`, commit)
      const source = make(repository, { evidence: true })
      const listing = await source.listRefs()
      expect(listing.evidence).toEqual([{ name: 'a', oid: commit }])
      const snapshot = await source.open(listing)
      for (const oid of [commit, 'e'.repeat(40)])
        await expectFailure(Array.fromAsync(snapshot.blobs([oid], 1000)), 'object_missing')
      await snapshot.close()
    },
  },
]

export const evidenceFaults: readonly Fault[] = [
  {
    name: 'never lists evidence',
    caught: 'lists refs with evidence only if asked to, sorted by name',
    source: (source) => ({
      async listRefs(signal) {
        const { evidence, ...refs } = await source.listRefs(signal)
        return evidence === undefined ? refs : { ...refs, evidence: [] }
      },
    }),
  },
  {
    name: 'remembers where evidence was',
    caught: 'shows evidence that comes, moves and goes',
    source: (source) => {
      let first: RefListing['evidence']
      return {
        async listRefs(signal) {
          const refs = await source.listRefs(signal)
          first ??= refs.evidence
          return { ...refs, evidence: first }
        },
      }
    },
  },
  {
    name: 'gives other bytes than those of the file',
    caught: 'reads the files of evidence, which no commit has',
    snapshot: () => ({
      blobs: async function* (oids) {
        for (const oid of oids) yield { oid, bytes: Buffer.from('another') }
      },
    }),
  },
  {
    name: 'leaves out objects that are no files',
    caught: 'says so when evidence points at a commit, or is gone',
    snapshot: (snapshot) => ({
      async *blobs(oids, most) {
        for (const oid of oids) {
          const blobs = await Array.fromAsync(snapshot.blobs([oid], most)).catch(() => [])
          yield* blobs
        }
      },
    }),
  },
]
