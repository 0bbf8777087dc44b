import { expect } from 'vitest'
import type { GitSnapshot, TagObject, TagSignature } from '../../controller/source/git-source.ts'
import type { TestRepository } from '../support/git-repository.ts'
import type { GitSourceCase } from './git-source.contract.ts'
import { expectFailure, NOWHERE } from './git-source.failure.ts'
import type { Fault } from './git-source.faults.ts'

const SIGNATURES = {
  ssh: '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n',
  pgp: '-----BEGIN PGP SIGNATURE-----\n\niQ==\n=AAAA\n-----END PGP SIGNATURE-----\n',
}
const TAGGER = 'Cleo Größe <cleo@example.com>'
const SECONDS = 1_770_000_000
const TAGGED_AT = '2026-02-02T02:40:00.000Z'

interface Writing {
  readonly message?: string
  readonly signature?: string
  /** The whole line; `null` for a tag object without one. */
  readonly tagger?: string | null
}

/** A tag of the newest commit, as raw as can be: an adapter judges neither signatures nor names. */
async function writeTag({ git, gitWith }: TestRepository, name: string, writing: Writing = {}) {
  const { message = 'x\n', signature = '', tagger = `${TAGGER} ${SECONDS} +0130` } = writing
  const commit = await git('rev-parse', 'HEAD')
  const line = tagger === null ? '' : `tagger ${tagger}\n`
  const payload = `object ${commit}\ntype commit\ntag ${name}\n${line}\n${message}`
  const write = ['hash-object', '-t', 'tag', '-w', '--literally', '--stdin']
  const object = await gitWith(payload + signature, ...write)
  await git('update-ref', `refs/tags/${name}`, object)
  return { object, payload, signature }
}

export const tagObjectCases: readonly GitSourceCase[] = [
  {
    name: 'gives of each tag object the very text that was signed, and the signature; nothing where there is none',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const ssh = await writeTag(repository, 'ssh', { message: 'Größe\n', signature: SIGNATURES.ssh })
      const pgp = await writeTag(repository, 'pgp', {
        message: 'two\n\nparagraphs\n',
        signature: SIGNATURES.pgp,
      })
      // A message that quotes a signature: the last one counts, as with git.
      const quoting = await writeTag(repository, 'quoting', {
        message: `see\n${SIGNATURES.pgp}\n`,
        signature: SIGNATURES.ssh,
      })
      const unsigned = await writeTag(repository, 'unsigned')
      const source = make(repository)
      const snapshot = await source.open(await source.listRefs())
      const objects = [ssh, unsigned, pgp, quoting, ssh].map(({ object }) => object)
      const found = await snapshot.tagObjects(objects)
      expect(found.size).toBe(4)
      expect(found.get(unsigned.object)?.signature).toBe(null)
      for (const { object, payload, signature } of [ssh, pgp, quoting]) {
        const read = found.get(object)?.signature
        expect(Buffer.from(read?.payload ?? []).toString()).toBe(payload)
        expect(read?.armored.trimEnd()).toBe(signature.trimEnd())
      }
      expect(await snapshot.tagObjects([])).toEqual(new Map())
      await snapshot.close()
    },
  },
  {
    name: 'gives who made a tag object and when, in UTC, signed or not; nothing where it names nobody',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const plain = await writeTag(repository, 'plain')
      const signed = await writeTag(repository, 'signed', { signature: SIGNATURES.ssh })
      const nobody = await writeTag(repository, 'nobody', { tagger: null })
      // What looks like a header within the message is none.
      const quoting = await writeTag(repository, 'quoting', {
        message: 'tagger Eve <eve@evil.test> 1 +0000\n',
      })
      const source = make(repository)
      const snapshot = await source.open(await source.listRefs())
      const found = await snapshot.tagObjects([plain, signed, nobody, quoting].map(({ object }) => object))
      const known = { tagger: TAGGER, taggedAt: TAGGED_AT }
      expect(found.get(plain.object)).toEqual({ ...known, signature: null })
      expect(found.get(signed.object)).toMatchObject(known)
      expect(found.get(quoting.object)).toMatchObject(known)
      expect(found.get(nobody.object)).toEqual({ tagger: null, taggedAt: null, signature: null })
      await snapshot.close()
    },
  },
  {
    name: 'gives the signature that a tag has now, where it was signed anew for the same commit',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      await repository.commit({ 'a.txt': '1' })
      const source = make(repository)
      await writeTag(repository, 'v1', { message: 'first\n', signature: SIGNATURES.ssh })
      await (await source.open(await source.listRefs())).close()
      const again = { message: 'again\n', signature: SIGNATURES.ssh }
      const { object, payload } = await writeTag(repository, 'v1', again)
      const refs = await source.listRefs()
      expect(refs.tags).toMatchObject([{ name: 'v1', object }])
      const snapshot = await source.open(refs)
      const found = await snapshot.tagObjects([object])
      expect(Buffer.from(found.get(object)?.signature?.payload ?? []).toString()).toBe(payload)
      await snapshot.close()
    },
  },
  {
    name: 'says that an object is missing when asked for a tag object that never was',
    async run({ createRepository, make }) {
      const repository = await createRepository()
      const commit = await repository.commit({ 'a.txt': '1' })
      const source = make(repository)
      const snapshot = await source.open(await source.listRefs())
      await expectFailure(snapshot.tagObjects([NOWHERE]), 'object_missing')
      await expectFailure(snapshot.tagObjects([commit]), 'object_missing')
      await snapshot.close()
    },
  },
]

const [SIGNED = '', MADE = '', ANEW = '', MISSING = ''] = tagObjectCases.map(({ name }) => name)

export const tagObjectFaults: readonly Fault[] = [
  signatureFault('strips signatures', () => null),
  signatureFault(
    'takes every tag object for a signed one',
    (one) => one ?? { payload: new Uint8Array(), armored: '' },
  ),
  signatureFault(
    'gives the text without its headers',
    (one) => one && { ...one, payload: one.payload.slice(Buffer.from(one.payload).indexOf('\n\n') + 2) },
  ),
  signatureFault(
    'gives the first signature of a tag that quotes another one',
    (one) => one && { ...one, payload: one.payload.slice(0, firstArmor(one.payload)) },
  ),
  signatureFault(
    'reads the signed text as Latin-1',
    (one) => one && { ...one, payload: Buffer.from(Buffer.from(one.payload).toString('latin1')) },
  ),
  {
    name: "gives another tag's text",
    caught: SIGNED,
    snapshot: (snapshot) => ({
      async tagObjects(objects) {
        const found = await snapshot.tagObjects(objects)
        const first = [...found.values()].find(({ signature }) => signature !== null)?.signature
        return changed(found, ({ signature, ...rest }) => ({
          ...rest,
          signature: signature && first ? { ...signature, payload: first.payload } : signature,
        }))
      },
    }),
  },
  objectFault('does not tell who made a tag', (one) => ({ ...one, tagger: null })),
  objectFault('tells when a tag was made in its own zone', (one) => ({
    ...one,
    taggedAt: one.taggedAt && new Date(Date.parse(one.taggedAt) + 5_400_000).toISOString(),
  })),
  objectFault('tells the maker of a signed tag only', (one) =>
    one.signature === null ? { ...one, tagger: null, taggedAt: null } : one,
  ),
  objectFault('makes a maker up', (one) => ({ ...one, tagger: one.tagger ?? ' <>' })),
  {
    name: 'remembers the signature that a tag had first',
    caught: ANEW,
    source: (source) => {
      const first = new Map<string, string | undefined>()
      return {
        async listRefs(signal) {
          const refs = await source.listRefs(signal)
          for (const { name, object } of refs.tags) if (!first.has(name)) first.set(name, object)
          return { ...refs, tags: refs.tags.map((tag) => ({ ...tag, object: first.get(tag.name) })) }
        },
      }
    },
  },
  {
    name: 'takes an absent tag object for an unsigned one',
    caught: MISSING,
    snapshot: (snapshot) => ({
      tagObjects: (objects) =>
        snapshot
          .tagObjects(objects)
          .catch(
            () =>
              new Map([...objects].map((oid) => [oid, { tagger: null, taggedAt: null, signature: null }])),
          ),
    }),
  },
]

function objectFault(name: string, spoil: (tag: TagObject) => TagObject, caught = MADE): Fault {
  const snapshot = (right: GitSnapshot): Partial<GitSnapshot> => ({
    tagObjects: async (objects) => changed(await right.tagObjects(objects), spoil),
  })
  return { name, caught, snapshot }
}

function signatureFault(name: string, spoil: (signature: TagSignature | null) => TagSignature | null): Fault {
  return objectFault(name, (tag) => ({ ...tag, signature: spoil(tag.signature) }), SIGNED)
}

function changed(found: ReadonlyMap<string, TagObject>, change: (tag: TagObject) => TagObject) {
  return new Map([...found].map(([oid, tag]) => [oid, change(tag)]))
}

function firstArmor(payload: Uint8Array): number | undefined {
  const at = Buffer.from(payload).indexOf('-----BEGIN')
  return at < 0 ? undefined : at
}
