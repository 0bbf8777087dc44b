import { expect, test } from 'vitest'
import { keySigner } from '../../../api/contract/attestation/signer.ts'
import { verifySet } from '../../../api/contract/proof/verify-set.ts'
import type { LeasedPass } from '../../../controller/pass/pass-input.ts'
import { signNextSet } from '../../../controller/pass/sign-set.ts'
import type { Plan } from '../../../controller/plan/plan.ts'
import { PRIVATE, PUBLIC } from '../../support/proof.ts'

const A = 'a'.repeat(64)

/** A pass whose registry would move to a set with `a`. */
function passWith(next: { changed: boolean; signed: boolean; sequence: number }, require: object[] = []) {
  const rows = [
    { prompt_id: 'a', stable: '1', stable_identity: A },
    { prompt_id: 'draft', stable: null, stable_identity: null },
  ]
  const api = { moveSet: async () => next, list: async () => ({ prompts: rows, next_cursor: null }) }
  const source = { name: 's', require }
  const signal = new AbortController().signal
  return {
    api,
    source,
    signal,
    repository: 'https://git.example/r',
    now: () => 1000,
  } as unknown as LeasedPass
}

const plan = {
  set: { release: { tag: 'v1.0.0', version: '1.0.0' } },
  tags: new Map([['v1.0.0', { commit: 'c0ffee', object: 'b0b', signer: 'ada' }]]),
  current: [
    {
      changes: [
        {
          do: 'promote',
          evidence: [{ sha256: 'f'.repeat(64) }, { sha256: null }, { sha256: 'f'.repeat(64) }],
        },
        { do: 'archive' },
      ],
    },
  ],
  backfill: [],
} as unknown as Plan

async function signed(pass: LeasedPass) {
  const proof = await signNextSet(pass, plan, {}, keySigner(PRIVATE.release))
  return proof && verifySet(proof.statement, PUBLIC)
}

test('the statement has the members, the release, the evidence and the policy', async () => {
  const statement = await signed(
    passWith({ changed: true, signed: false, sequence: 5 }, [{ evidence: 'eval' }]),
  )
  expect(statement).toMatchObject({
    ...{ kind: 'release', source: 's', members: { a: A }, sequence: 1000 },
    release: {
      ...{ tag: 'v1.0.0', repository: 'https://git.example/r', commit: 'c0ffee' },
      ...{ tagObject: 'b0b', signer: 'ada' },
    },
    evidence: ['f'.repeat(64)],
    policy: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('the sequence grows above that of the registry, whatever the clock says', async () => {
  const statement = await signed(passWith({ changed: true, signed: true, sequence: 5000 }))
  expect(statement).toMatchObject({ sequence: 5001, policy: null })
})

test('a set that is signed already is not signed again', async () => {
  expect(await signed(passWith({ changed: false, signed: true, sequence: 5 }))).toBeUndefined()
})
