import { RegistryError } from '../contract/errors.ts'
import type { MoveSetRequest } from '../contract/registry-api.ts'
import { setDigest } from '../contract/release-set.ts'
import { identityLabel, sha256 } from '../contract/version.ts'
import type { SetPointer } from '../store/set-records.ts'
import { statementOf } from './emergency-proof.ts'

/** A proof to store under its digest, with the sequence that its statement names. */
export interface SignedProof {
  readonly digest: string
  readonly sequence: number
  readonly text: string
}

/**
 * The proof in a request; `null` if there is none, or if it is the pointer's already. The registry does not verify
 * signatures: clients have the keys. Throws `invalid_request`, and `revision_conflict` for another set or an old sequence.
 */
export function signedProof(
  { proof }: MoveSetRequest,
  { source, digest, pointer }: { source: string; digest: string; pointer: SetPointer | undefined },
): SignedProof | null {
  if (proof === undefined) return null
  const text = JSON.stringify(proof)
  if (sha256(text) === pointer?.move.proof) return null
  const statement = readStatement(proof.statement)
  const named = setDigest(statement)
  const last = pointer?.move.sequence ?? 0
  if (statement.kind !== 'release' || statement.source !== source)
    throw new RegistryError('invalid_request', `proof: is not about a release of the source "${source}".`)
  if (named !== digest || statement.sequence <= last)
    throw new RegistryError(
      'revision_conflict',
      `The proof is about the set ${identityLabel(named)} with sequence ${statement.sequence}, but the prompts of the source "${source}" make the set ${identityLabel(digest)} after sequence ${last}. Read them again, and sign that set.`,
      { details: { source } },
    )
  return { digest: sha256(text), sequence: statement.sequence, text }
}

function readStatement(envelope: NonNullable<MoveSetRequest['proof']>['statement']) {
  try {
    return statementOf(envelope)
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new RegistryError('invalid_request', `proof: cannot be read: ${why}.`, { cause: error })
  }
}
