import { describe, expect, test } from 'vitest'
import { TEST_RESULT } from '../../../api/contract/attestation/statement.ts'
import { evidenceRef, evidenceStatement } from '../../../controller/evidence/evidence-statement.ts'
import { RequirementSchema } from '../../../controller/evidence/requirement.ts'
import { createEvidenceReader, type EvidenceInput } from '../../../controller/pass/read-evidence.ts'
import type { DesiredRelease } from '../../../controller/plan/plan-input.ts'
import { EVIDENCE_REFS } from '../../../controller/source/git-source.ts'
import { sourceError } from '../../../controller/source/source-error.ts'
import { attester } from '../../support/attesters.ts'
import { LISTING, NOW } from '../../support/planned-source.ts'
import { versionOf } from '../../support/planned-world.ts'

const ci = attester()
const REQUIRE = [RequirementSchema.parse({ evidence: 'eval', from: [ci.publicKey] })]

async function releaseOf(id: string, text: string): Promise<DesiredRelease> {
  const version = await versionOf(id, text)
  return { ...version, tag: 'v1.0.0', release: '1.0.0', prerelease: false, isNew: true, listed: true }
}

const statementAbout = (release: DesiredRelease) => {
  const attestation = { evidence: 'eval', predicate: TEST_RESULT, result: 'PASSED', finishedAt: NOW }
  return ci.sign(evidenceStatement(release, attestation))
}

/** A repository with these refs. A `null` is an object that is no file. */
function repositoryWith(refs: readonly (readonly [name: string, file: Buffer | null])[]) {
  const asked: string[][] = []
  const files = new Map(refs.map(([, file], index) => [String(index), file]))
  const input: EvidenceInput = {
    now: NOW,
    listing: { ...LISTING, evidence: refs.map(([name], index) => ({ name, oid: String(index) })) },
    snapshot: {
      async *blobs(oids, most) {
        const wanted = [...oids]
        asked.push(wanted)
        for (const oid of wanted) {
          const bytes = files.get(oid)
          if (bytes == null) throw sourceError('object_missing', `No file ${oid}.`, { object: oid })
          yield bytes.length > most ? { oid, tooLarge: bytes.length } : { oid, bytes }
        }
      },
    },
  }
  return { input, asked }
}

const nameFor = (release: DesiredRelease, file: Buffer) =>
  evidenceRef(release, file).slice(EVIDENCE_REFS.length)

describe('the evidence about releases', () => {
  test('is read from the refs whose names have their identity or payload, and from no others', async () => {
    const [one, two] = [await releaseOf('a', 'one'), await releaseOf('b', 'two')]
    const file = statementAbout(one)
    const { input, asked } = repositoryWith([
      [nameFor(one, file), file],
      [nameFor(two, file), file],
      [`${'0'.repeat(64)}/${one.payloadSha256}/x`, file],
      ['unrelated', file],
    ])
    const { statements, at } = await createEvidenceReader(input, REQUIRE)([one])
    expect(at).toBe(NOW)
    expect(asked).toEqual([['0', '2']])
    expect([...statements.keys()]).toEqual([one.identity])
    expect(statements.get(one.identity)).toMatchObject([{ names: ['eval'] }, { names: ['eval'] }])
  })

  test('costs no request if no release depends on it', async () => {
    const one = await releaseOf('a', 'one')
    const { input, asked } = repositoryWith([[nameFor(one, Buffer.from('x')), Buffer.from('x')]])
    expect((await createEvidenceReader(input, REQUIRE)([])).statements.size).toBe(0)
    expect(asked).toEqual([])
  })

  test('that is no file, or too large, hides nothing else', async () => {
    const one = await releaseOf('a', 'one')
    const file = statementAbout(one)
    const large = Buffer.alloc(64 * 1024 + 1, ' ')
    const { input } = repositoryWith([
      [`${one.identity}/1`, null],
      [`${one.identity}/2`, large],
      [`${one.identity}/3`, file],
    ])
    const { statements } = await createEvidenceReader(input, REQUIRE)([one])
    expect(statements.get(one.identity)).toMatchObject([
      { unreadable: 'its ref does not point at a file of the repository' },
      { unreadable: expect.stringContaining('it has more than 64 KiB') },
      { names: ['eval'] },
    ])
  })

  test('is bounded, however much there is', async () => {
    const releases = await Promise.all(
      Array.from({ length: 40 }, (_, index) => releaseOf(`p${index}`, `${index}`)),
    )
    const junk = Buffer.alloc(64 * 1024, 'x')
    const refs = releases.flatMap(({ identity }) =>
      Array.from({ length: 40 }, (_, index) => [`${identity}/${index}`, junk] as const),
    )
    const { input, asked } = repositoryWith(refs)
    const { statements } = await createEvidenceReader(input, REQUIRE)(releases)
    expect(asked.flat()).toHaveLength(40 * 32)
    const all = [...statements.values()].flat()
    expect(all.filter((one) => 'unreadable' in one && one.unreadable.includes('64 MiB'))).toHaveLength(
      40 * 32 - 1024,
    )
  })

  test('that the repository fails to give fails the pass', async () => {
    const one = await releaseOf('a', 'one')
    const { input } = repositoryWith([[`${one.identity}/1`, Buffer.from('x')]])
    const snapshot = {
      // biome-ignore lint/correctness/useYield: it fails before the first blob.
      async *blobs() {
        throw sourceError('unreachable', 'The host is silent.')
      },
    }
    await expect(createEvidenceReader({ ...input, snapshot }, REQUIRE)([one])).rejects.toThrow(
      'The host is silent.',
    )
  })
})
