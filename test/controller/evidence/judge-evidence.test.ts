import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readStatement } from '../../../api/contract/attestation/evidence.ts'
import { TEST_RESULT } from '../../../api/contract/attestation/statement.ts'
import { verificationKey } from '../../../api/contract/keys/verification-key.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { type FoundEvidence, NO_EVIDENCE } from '../../../controller/evidence/evidence.ts'
import { evidenceStatement } from '../../../controller/evidence/evidence-statement.ts'
import { createEvidenceJudge, NOTHING_REQUIRED } from '../../../controller/evidence/judge-evidence.ts'
import { RequirementSchema } from '../../../controller/evidence/requirement.ts'
import { attester } from '../../support/attesters.ts'
import { APP, DESCRIPTION, EVIDENCE_CASES, JUDGED_AT, TAGS } from '../../support/evidence-cases.ts'

const COMMIT = 'c'.repeat(40)
const VERSION = {
  ...{ id: 'support/triage', commit: COMMIT, identity: sha256('file'), payloadSha256: sha256('payload') },
  ...{ description: DESCRIPTION, tags: TAGS },
}

const judgeOf = (...settings: readonly object[]) =>
  createEvidenceJudge(settings.map((one) => RequirementSchema.parse(one)))

test.each(EVIDENCE_CASES)('$name', ({ name, require, files, checks, problem }) => {
  const found: FoundEvidence = {
    at: JUDGED_AT,
    statements: new Map([
      [
        VERSION.identity,
        files(VERSION).map((file) =>
          file === null ? { unreadable: 'its ref does not point at a file' } : readStatement(file),
        ),
      ],
    ]),
    checks: new Map([[COMMIT, checks.map((run) => ({ name, ...run }))]]),
  }
  const { met, unmet } = judgeOf(...require).judge(VERSION, found)
  expect(met.length + unmet.length).toBe(require.length)
  if (problem === null) expect(unmet).toEqual([])
  else expect(`${unmet.map((one) => one.problem).join('; ')}.`).toMatch(problem)
})

test('asks for evidence only about the prompts that a requirement names', () => {
  const judge = judgeOf({ evidence: 'eval', prompts: ['support/**'], from: [{ app: APP }] })
  expect(judge.judge({ ...VERSION, id: 'sales/pitch' }, NO_EVIDENCE)).toEqual(NOTHING_REQUIRED)
  expect(judge.judge(VERSION, NO_EVIDENCE).unmet).toHaveLength(1)
  expect(judge.requirementsFor('sales/pitch')).toEqual([])
})

test('check runs that cannot be read do not count', () => {
  const checks = new Map([[COMMIT, [{ unreadable: 'GitHub refused' }]]])
  const found = { ...NO_EVIDENCE, checks }
  const [unmet] = judgeOf({ evidence: 'eval', from: [{ app: APP }] }).judge(VERSION, found).unmet
  expect(unmet?.problem).toBe(
    'it has no valid evidence "eval": the check runs cannot be read: GitHub refused',
  )
})

test.each([
  [
    'a private key',
    { from: [String(attester().privateKey.export({ type: 'pkcs8', format: 'pem' }))] },
    /is a private key/,
  ],
  ['a text that is no key', { from: ['me'] }, /is not a usable public key/],
  ['nobody', { from: [] }, /from/],
  ['an age that is none', { maxAge: 'a month' }, /is not a duration/],
  ['an age of nothing', { maxAge: '0d' }, /is not a duration/],
  ['a glob with an error', { prompts: ['[a'] }, /prompts/],
  ['an unknown field', { require: true }, /require/],
])('refuses settings with %s', (_, wrong, problem) => {
  const settings = { evidence: 'eval', from: [{ app: APP }], ...wrong }
  const { error } = RequirementSchema.safeParse(settings)
  expect(JSON.stringify(error?.issues)).toMatch(problem)
})

test('tells the auditor who gave which evidence', () => {
  const ci = attester()
  const predicate = { evidence: 'eval', predicate: TEST_RESULT, result: 'PASSED', finishedAt: JUDGED_AT }
  const file = ci.sign(evidenceStatement(VERSION, predicate))
  const found: FoundEvidence = {
    at: JUDGED_AT,
    statements: new Map([[VERSION.identity, [readStatement(file)]]]),
    checks: new Map([[COMMIT, [{ name: 'checks', appId: APP, conclusion: 'success', completedAt: null }]]]),
  }
  const { met, unmet } = judgeOf(
    { evidence: 'eval', from: [attester().publicKey, ci.publicKey] },
    { evidence: 'checks', from: [{ app: APP }] },
  ).judge(VERSION, found)
  expect(met).toMatchObject([
    {
      ...{ requirement: { evidence: 'eval' }, result: 'PASSED', at: JUDGED_AT },
      attester: verificationKey(ci.publicKey).fingerprint,
      sha256: createHash('sha256').update(file).digest('hex'),
    },
  ])
  expect(unmet).toHaveLength(1)
})
