import { expect, test } from 'vitest'
import { createProvenSets } from '../../../../api/contract/proof/proven-sets.ts'
import { verifyProof } from '../../../../api/contract/proof/verify-set.ts'
import { PUBLIC, proofOf, setStatement } from '../../../support/proof.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]

function proven(...proofs: readonly ReturnType<typeof proofOf>[]) {
  const sets = createProvenSets(PUBLIC)
  for (const proof of proofs) sets.add(proof)
  return {
    sets,
    problem: (promptId: string, identity: string, pin?: string) => sets.problem({ promptId, identity, pin }),
  }
}

test('a member of the current set is proven, with and without a pin', () => {
  const { problem } = proven(proofOf({ members: { a: A } }))
  expect(problem('a', A)).toBeUndefined()
  expect(problem('a', A, '1.0.0')).toBeUndefined()
  expect(problem('a', A, 'aaaaaaaaaaaa')).toBeUndefined()
})

test('a version that is not a member is refused with both versions', () => {
  const { problem } = proven(proofOf({ members: { a: A } }))
  expect(problem('a', B)).toBe(
    'The file of "a" is version bbbbbbbbbbbb, but the signed set of source "support" has version aaaaaaaaaaaa.',
  )
  expect(problem('a', B, '1.0.0')).toBe(
    'The file of "a@1.0.0" is version bbbbbbbbbbbb, which no signed set has.',
  )
  expect(problem('b', A)).toBe('The signed set of source "support" does not have "b".')
})

test('without a statement nothing is proven', () => {
  expect(proven().problem('a', A)).toBe('There is no signed statement that proves "a".')
})

test('a pin by label is of that version', () => {
  const { problem } = proven(proofOf({ members: { a: A } }))
  expect(problem('a', A, 'bbbbbbbbbbbb')).toBe(
    'The file of "a" is version aaaaaaaaaaaa, but the reference pins bbbbbbbbbbbb.',
  )
})

test.each([
  ['first', false],
  ['last', true],
])('an older set that comes %s does not replace a newer one', (_, newestFirst) => {
  const proofs = [
    proofOf({ sequence: 1, members: { a: A, b: C } }),
    proofOf({ sequence: 2, members: { a: B } }),
  ]
  const { problem, sets } = proven(...(newestFirst ? proofs.reverse() : proofs))
  expect(problem('a', B)).toBeUndefined()
  expect(problem('a', A)).toContain('version aaaaaaaaaaaa, which only an older set has, but')
  expect(problem('b', C)).toBe(
    'Only an older set than the current one has "b", so it is not served any more.',
  )
  expect(problem('a', A, '1.0.0')).toBeUndefined()
  expect(sets.current('support')?.sequence).toBe(2)
  expect(sets.proofs).toHaveLength(1)
})

test('an emergency set takes a version back, and pins go on', () => {
  const release = setStatement({ sequence: 1, members: { a: A, b: B } })
  const { problem } = proven(proofOf({ kind: 'emergency', sequence: 2, members: { a: A } }, [release]))
  expect(problem('a', A)).toBeUndefined()
  expect(problem('b', B)).toBe(
    'Only an older set than the current one has "b", so it is not served any more.',
  )
  expect(problem('b', B, '1.0.0')).toBeUndefined()
})

test('a session reads from an earlier set that is proven', () => {
  const first = proofOf({ sequence: 1, members: { a: A } })
  const { sets } = proven(first, proofOf({ sequence: 2, members: { a: B } }))
  const set = verifyProof(first, PUBLIC).statement.set
  const inSession = (promptId: string, identity: string, digest = set) =>
    sets.problem({ promptId, identity, pin: undefined, set: digest })
  expect(inSession('a', A)).toBeUndefined()
  expect(inSession('a', B)).toContain('but the signed set of source "support" has version aaaaaaaaaaaa.')
  expect(inSession('b', B)).toBe('The signed set of source "support" does not have "b".')
  expect(inSession('a', A, C)).toBe('There is no signed statement about the set cccccccccccc.')
})

test('each source has its own current set', () => {
  const { problem } = proven(
    proofOf({ sequence: 5, members: { a: A } }),
    proofOf({ source: 'sales', sequence: 1, members: { b: B } }),
  )
  expect([problem('a', A), problem('b', B)]).toEqual([undefined, undefined])
  expect(problem('c', C)).toBe('The signed set of source "support", "sales" does not have "c".')
})

test('a proof that is refused changes nothing', () => {
  const { sets, problem } = proven(proofOf({ members: { a: A } }))
  const { statement } = proofOf({ sequence: 2, members: { a: B } })
  const unsigned = { statement: { ...statement, signatures: [{ sig: 'AAAA' }] }, releases: [] }
  expect(() => sets.add(unsigned)).toThrow('not signed by any of the given keys')
  expect(problem('a', A)).toBeUndefined()
})
