import { expect } from 'vitest'
import { SourceError, type SourceErrorCode } from '../../controller/source/git-source.ts'

/** A commit that no repository has. */
export const NOWHERE = '0123456789'.repeat(4)

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
  // A sentence for people.
  expect((error as SourceError).message).toMatch(/^[A-Z].* .*\.$/s)
  return undefined
}
