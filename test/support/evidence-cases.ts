import type { EnvelopeDocument } from '../../api/contract/attestation/dsse.ts'
import { type Statement, statementBytes, TEST_RESULT } from '../../api/contract/attestation/statement.ts'
import { type Attestation, evidenceStatement } from '../../controller/evidence/evidence-statement.ts'
import type { JudgedVersion } from '../../controller/evidence/judge-evidence.ts'
import { attester } from './attesters.ts'

/** What is there about the version of a prompt, and whether a release of it is promoted. */
export interface EvidenceCase {
  readonly name: string
  /** Settings of requirements, besides the prompts. `app` is the App of the check runs. */
  readonly require: readonly Readonly<Record<string, unknown>>[]
  /** The files of the refs about the version. A `null` stands for a ref that points at no file. */
  readonly files: (version: Version) => readonly (Uint8Array | null)[]
  /** Check runs on the commit of the release, with the name of the case. */
  readonly checks: readonly {
    readonly appId: number
    readonly conclusion: string | null
    readonly completedAt: string | null
  }[]
  /** In the finding; `null` if the release is promoted without one. */
  readonly problem: RegExp | null
  /** The release is promoted, with a notice. */
  readonly warns?: true
}

export type Version = Omit<JudgedVersion, 'commit'>

/** The clock of whoever judges. */
export const JUDGED_AT = Date.parse('2026-03-01T12:00:00Z')
export const APP = 4711
export const DESCRIPTION = 'Sorts tickets'
export const TAGS = ['support']

const DAY = 86_400_000
const [ci, other, kms] = [attester(), attester(), attester('p256')]
const OF_CI = { evidence: 'eval', from: [ci.publicKey] }
const OTHER_DIGEST = 'd'.repeat(64)

const about = (version: Version, different: Partial<Attestation> = {}) =>
  evidenceStatement(version, {
    ...{ evidence: 'eval', predicate: TEST_RESULT, result: 'PASSED', finishedAt: JUDGED_AT - DAY },
    ...different,
  })
const passing = (version: Version) => ci.sign(about(version))
const changed = (statement: Statement, predicate: Readonly<Record<string, unknown>>) => ({
  ...statement,
  predicate: Object.fromEntries(
    Object.entries({ ...statement.predicate, ...predicate }).filter(([, value]) => value !== undefined),
  ),
})
const envelope = (file: Uint8Array) => JSON.parse(Buffer.from(file).toString()) as EnvelopeDocument
const fileOf = (document: unknown) => Buffer.from(JSON.stringify(document))

type Given = Partial<Omit<EvidenceCase, 'name' | 'problem'>>

const one = (name: string, problem: RegExp | null, given: Given = {}): EvidenceCase => ({
  ...{ name, problem, require: [OF_CI], files: () => [], checks: [] },
  ...given,
})
const statement = (
  name: string,
  problem: RegExp | null,
  file: (version: Version) => Uint8Array,
  require: object = {},
) => one(name, problem, { files: (version) => [file(version)], require: [{ ...OF_CI, ...require }] })
const check = (
  name: string,
  problem: RegExp | null,
  conclusion: string | null,
  { appId = APP, at = JUDGED_AT - DAY, require = {} as object } = {},
) => {
  const completedAt = conclusion === null ? null : new Date(at).toISOString()
  const asked = { evidence: name, from: [{ app: APP }], ...require }
  return one(name, problem, { require: [asked], checks: [{ appId, conclusion, completedAt }] })
}

export const EVIDENCE_CASES: readonly EvidenceCase[] = [
  one('nothing', /it has no evidence "eval"\./),
  statement('a passing statement', null, passing),
  statement('a passing statement with a key on P-256', null, (version) => kms.sign(about(version)), {
    from: [kms.publicKey],
  }),
  statement('a statement of one of several attesters', null, passing, {
    from: [other.publicKey, { app: APP }, ci.publicKey],
  }),
  statement('a statement about several prompts', null, (version) => {
    const [subject] = about(version).subject
    const subjects = [{ name: 'another', digest: { sha256: OTHER_DIGEST } }, subject].filter(
      (it) => it !== undefined,
    )
    return ci.sign({ ...about(version), subject: subjects })
  }),
  statement('another version', /is about another version or prompt/, (version) =>
    ci.sign(about({ ...version, identity: OTHER_DIGEST })),
  ),
  statement('another prompt with the same file', /is about another version or prompt/, (version) =>
    ci.sign(about({ ...version, id: 'replayed' })),
  ),
  statement('a failing statement', /its evidence "eval" is FAILED, not PASSED/, (version) =>
    ci.sign(about(version, { result: 'FAILED' })),
  ),
  statement('a result with a warning', /its evidence "eval" is WARNED, not PASSED/, (version) =>
    ci.sign(about(version, { result: 'WARNED' })),
  ),
  statement(
    'a result with a warning, which is enough',
    null,
    (version) => ci.sign(about(version, { result: 'WARNED' })),
    { result: 'WARNED' },
  ),
  statement('no result', /a statement has no result/, (version) =>
    ci.sign(changed(about(version), { result: undefined })),
  ),
  one('a failure after a success', /is FAILED, not PASSED/, {
    files: (version) => [
      ci.sign(about(version, { result: 'FAILED', finishedAt: JUDGED_AT - 1000 })),
      passing(version),
    ],
  }),
  one('a success after a failure', null, {
    files: (version) => [
      ci.sign(about(version, { result: 'FAILED', finishedAt: JUDGED_AT - 2 * DAY })),
      passing(version),
    ],
  }),
  one('a failure at the time of a success', /is FAILED, not PASSED/, {
    files: (version) => [passing(version), ci.sign(about(version, { result: 'FAILED' }))],
  }),
  statement(
    'an expired statement',
    /expired at 2026-02-28T12:00:00.000Z/,
    (version) => ci.sign(about(version, { finishedAt: JUDGED_AT - 31 * DAY })),
    { maxAge: '30d' },
  ),
  statement(
    'a statement of the maximum age',
    null,
    (version) => ci.sign(about(version, { finishedAt: JUDGED_AT - 30 * DAY })),
    { maxAge: '30d' },
  ),
  statement(
    'a statement without a time, where age matters',
    /has no time, which maxAge needs/,
    (version) => ci.sign(changed(about(version), { finishedOn: undefined })),
    { maxAge: '30d' },
  ),
  statement('a statement without a time, where age does not matter', null, (version) =>
    ci.sign(changed(about(version), { finishedOn: undefined })),
  ),
  statement('a statement from the future', /is from the future/, (version) =>
    ci.sign(about(version, { finishedAt: JUDGED_AT + DAY })),
  ),
  statement('a statement of a clock that is ahead', null, (version) =>
    ci.sign(about(version, { finishedAt: JUDGED_AT + 60_000 })),
  ),
  statement('a time that is none', /cannot be read: its finishedOn is not a time/, (version) =>
    ci.sign(changed(about(version), { finishedOn: 'yesterday' })),
  ),
  statement('a statement that was changed', /not signed with a key in "from"/, (version) => {
    const failing = envelope(ci.sign(about(version, { result: 'FAILED' })))
    return fileOf({ ...failing, payload: statementBytes(about(version)).toString('base64') })
  }),
  statement('a statement of a stranger', /not signed with a key in "from"/, (version) =>
    other.sign(about(version)),
  ),
  statement(
    'a statement of a stranger with the id of a trusted key',
    /not signed with a key in "from"/,
    (version) => {
      const [trusted] = envelope(passing(version)).signatures
      const forged = envelope(other.sign(about(version)))
      return fileOf({
        ...forged,
        signatures: forged.signatures.map(({ sig }) => ({ keyid: trusted?.keyid, sig })),
      })
    },
  ),
  statement('a statement that says no signature', /cannot be read: it has no signature/, (version) =>
    fileOf({ ...envelope(passing(version)), signatures: [] }),
  ),
  statement('a file that is no envelope', /cannot be read: it is not JSON/, () => Buffer.from('passed')),
  statement(
    'an envelope with something else',
    /its payload is not application\/vnd\.in-toto\+json/,
    (version) => fileOf({ ...envelope(passing(version)), payloadType: 'text/plain' }),
  ),
  one('a ref that points at no file', /cannot be read: its ref does not point at a file/, {
    files: () => [null],
  }),
  one('something unreadable beside a passing statement', null, {
    files: (version) => [null, Buffer.from('{}'), passing(version)],
  }),
  statement('another predicate', /it has no evidence "eval"\./, (version) =>
    ci.sign(about(version, { predicate: 'https://example.com/review/v1' })),
  ),
  statement('evidence with another name', /it has no evidence "safety"\./, passing, { evidence: 'safety' }),
  one('two policies, both met', null, {
    require: [OF_CI, { ...OF_CI, evidence: 'safety', from: [other.publicKey] }],
    files: (version) => [passing(version), other.sign(about(version, { evidence: 'safety' }))],
  }),
  one('two policies, one met', /(?<!; )it has no evidence "safety"\./, {
    require: [OF_CI, { ...OF_CI, evidence: 'safety' }],
    files: (version) => [passing(version)],
  }),
  one('two policies, none met', /it has no evidence "eval"; it has no evidence "safety"/, {
    require: [OF_CI, { ...OF_CI, evidence: 'safety' }],
  }),
  one('nothing, with a policy that only warns', /it has no evidence "eval"/, {
    require: [{ ...OF_CI, mode: 'warn' }],
    warns: true,
  }),
  statement(
    'another description, which is ignored',
    null,
    (version) => ci.sign(about({ ...version, identity: OTHER_DIGEST, description: 'Old' })),
    { ignore: ['description'] },
  ),
  statement(
    'other tags, of which only the description is ignored',
    /is about another version/,
    (version) => ci.sign(about({ ...version, identity: OTHER_DIGEST, tags: ['old'] })),
    { ignore: ['description'] },
  ),
  statement(
    'other content, which is never ignored',
    /is about another version/,
    (version) => ci.sign(about({ ...version, identity: OTHER_DIGEST, payloadSha256: OTHER_DIGEST })),
    { ignore: ['description', 'tags'] },
  ),
  statement('another file with the same text, if nothing is ignored', /is about another version/, (version) =>
    ci.sign(about({ ...version, identity: OTHER_DIGEST })),
  ),
  check('a check that succeeded', null, 'success'),
  check('a check that failed', /its evidence "a check that failed" is FAILED, not PASSED/, 'failure'),
  check('a check that was cancelled', /is FAILED/, 'cancelled'),
  check('a check that was skipped', /is FAILED/, 'skipped'),
  check('a neutral check', /is WARNED/, 'neutral'),
  check('a check that runs', /is running, not PASSED/, null),
  check('a check of another App', /a check run is of the App 666, which is not in "from"/, 'success', {
    appId: 666,
  }),
  check('a check with another name', /it has no evidence "safety"\./, 'success', {
    require: { evidence: 'safety' },
  }),
  check('an old check', /expired at/, 'success', { at: JUDGED_AT - 3 * DAY, require: { maxAge: '2d' } }),
]
