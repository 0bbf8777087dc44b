import { expect } from 'vitest'
import { type RefListing, SourceError, type SourceErrorCode } from '../../controller/source/git-source.ts'

/** A commit that no repository has. */
export const NOWHERE = '0123456789'.repeat(4)

/** What a faulty source takes for a listing. */
export const NO_REFS: RefListing = { branch: 'main', commit: '', branches: [], tags: [] }

export async function expectFailure(work: Promise<unknown>, code: SourceErrorCode): Promise<void> {
  const outcome = await work.then(
    () => 'no error',
    (error: unknown) => error,
  )
  expectCode(outcome, code)
}

export function expectCode(error: unknown, code: SourceErrorCode): undefined {
  expect(error).toBeInstanceOf(SourceError)
  expect((error as SourceError).code).toBe(code)
  // A sentence for people, which needs no cause to be understood, and a line for whoever runs the machine.
  expect((error as SourceError).message).toMatch(/^[A-Z].* .*\.$/s)
  expect((error as SourceError).message).not.toMatch(/cause/)
  expect((error as SourceError).causeLine ?? 'none').toMatch(/^[^\p{Cc}]{1,500}$/u)
  return undefined
}
