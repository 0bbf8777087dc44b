import { decodeEnvelope, type EnvelopeDocument } from '../contract/attestation/dsse.ts'
import type { StatementSigner } from '../contract/attestation/signer.ts'
import { RegistryError } from '../contract/errors.ts'
import { parseSetStatement, type SetStatement, signSetWith } from '../contract/proof/set-statement.ts'
import { hadMember, type SetProof } from '../contract/proof/verify-set.ts'
import type { ReleaseSet } from '../contract/release-set.ts'
import { identityLabel, sha256 } from '../contract/version.ts'
import type { PointerChange, SetPointer } from '../store/set-records.ts'
import type { SetStore } from '../store/set-store.ts'
import { allPages } from './all-pages.ts'

export interface ProofContext {
  readonly sets: Pick<SetStore, 'moves' | 'proof' | 'putProof'>
  /** Signs the sets that a change by hand makes. Absent: such changes of signed sets are refused. */
  readonly emergencySigner?: StatementSigner | undefined
}

/**
 * Signs the set that a change by hand makes, if the set before was signed. Clients that verify then follow the change.
 * Throws `proof_required` without the key, and for a version that no signed release had.
 */
export async function withEmergencyProof(
  context: ProofContext,
  before: SetPointer | undefined,
  change: PointerChange,
  set: ReleaseSet,
): Promise<PointerChange> {
  const { move } = change.pointer
  if (before?.move.proof === undefined || move.proof !== undefined || move.set === null) return change
  const { emergencySigner } = context
  if (emergencySigner === undefined) throw noKey(move.source)
  const releases = await releasesOf(context, before.move.proof, set)
  const { source, members } = set
  const statement: SetStatement = {
    ...{ kind: 'emergency', source, members, sequence: move.sequence },
    ...{ release: null, evidence: [], policy: null },
  }
  const envelope = await signSetWith(statement, emergencySigner)
  const text = JSON.stringify({ statement: envelope, releases } satisfies SetProof)
  const proof = sha256(text)
  await context.sets.putProof(proof, text)
  return { ...change, pointer: { ...change.pointer, move: { ...move, proof } } }
}

/** The signed releases that had the members: those of the proof before, then older ones. */
async function releasesOf(
  context: ProofContext,
  latest: string,
  set: ReleaseSet,
): Promise<readonly EnvelopeDocument[]> {
  const found: EnvelopeDocument[] = []
  let missing = Object.entries(set.members)
  for await (const envelope of signedReleases(context, latest, set.source)) {
    const statement = statementOf(envelope)
    const left = missing.filter(([id, identity]) => !hadMember([statement], id, identity))
    if (left.length < missing.length) found.push(envelope)
    missing = left
    if (missing.length === 0) break
  }
  const [first] = missing
  if (first === undefined) return found
  throw new RegistryError(
    'proof_required',
    `The set of the source "${set.source}" is signed, and no signed release of it had version ${identityLabel(first[1])} of "${first[0]}". Release that version, or choose one that was released.`,
    { details: { source: set.source, id: first[0] } },
  )
}

async function* signedReleases(
  { sets }: ProofContext,
  latest: string,
  source: string,
): AsyncIterable<EnvelopeDocument> {
  yield* releasesIn(await sets.proof(latest))
  for await (const { proof } of allPages((cursor) => sets.moves(source, { limit: MOVES_AT_ONCE, cursor })))
    if (proof !== undefined && proof !== latest) yield* releasesIn(await sets.proof(proof))
}

const MOVES_AT_ONCE = 50

function releasesIn(text: string | undefined): readonly EnvelopeDocument[] {
  if (text === undefined) return []
  const { statement, releases }: SetProof = JSON.parse(text)
  return [statement, ...releases].filter((envelope) => statementOf(envelope).kind === 'release')
}

/** Of an envelope that this registry stored. Clients verify it. */
export function statementOf(envelope: EnvelopeDocument): SetStatement {
  const { payloadType, payload } = decodeEnvelope({ ...envelope })
  return parseSetStatement(payloadType, payload).statement
}

function noKey(source: string): RegistryError {
  return new RegistryError(
    'proof_required',
    `The set of the source "${source}" is signed, so a change by hand must be signed too. Give the registry its emergency key (registry.emergencyKeyEnv), and repeat the change.`,
    { details: { source } },
  )
}
