import { readStatement } from '../../api/contract/attestation/evidence.ts'
import { eachAtOnce } from '../../api/contract/each-at-once.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import type { EvidenceAnswer } from '../../api/contract/registry-api.ts'
import type { FoundEvidence } from '../evidence/evidence.ts'
import { createEvidenceJudge } from '../evidence/judge-evidence.ts'
import type { Requirement } from '../evidence/requirement.ts'
import type { DesiredRelease } from '../plan/plan-input.ts'
import { callOptions, type PassInput } from './pass-input.ts'

const CONCURRENCY = 4

/**
 * Adds the statements about releases that were posted to the registry: the newest about each version, one request a
 * release. One request if the registry takes none. If it fails, so does the pass.
 */
export async function withPostedEvidence(
  { api, signal }: Pick<PassInput, 'api' | 'signal'>,
  gated: readonly DesiredRelease[],
  require: readonly Requirement[],
  found: FoundEvidence,
): Promise<FoundEvidence> {
  const judge = createEvidenceJudge(require)
  const isAsked = ({ id }: DesiredRelease) => judge.requirementsFor(id).some(acceptsKeys)
  const [first, ...others] = gated.filter(isAsked)
  if (first === undefined) return found
  const statements = new Map(found.statements)
  const read = async ({ id, identity, payloadSha256 }: DesiredRelease): Promise<boolean> => {
    const query = { prompt_id: id, identity, payload_sha256: payloadSha256 }
    const answer = await api.evidence(query, callOptions(signal)).catch(notOffered)
    const posted = (answer?.evidence ?? []).map(({ envelope }) => readStatement(fileOf(envelope)))
    statements.set(identity, [...(statements.get(identity) ?? []), ...posted])
    return answer !== null
  }
  // The first one shows whether the registry takes evidence at all.
  if (await read(first)) await eachAtOnce(CONCURRENCY, others, async (release) => void (await read(release)))
  return { ...found, statements }
}

function acceptsKeys({ from }: Requirement): boolean {
  return from.some((one) => typeof one === 'string')
}

/** The bytes that were posted, as the registry hashes them. */
function fileOf(envelope: EvidenceAnswer['evidence'][number]['envelope']): Buffer {
  return Buffer.from(`${JSON.stringify(envelope)}\n`)
}

/** A registry on AWS takes no evidence, and an older one does not know the route. */
function notOffered(error: unknown): null {
  const isRefusal = error instanceof RegistryError && REFUSALS.includes(error.code)
  if (isRefusal) return null
  throw error
}

const REFUSALS: readonly RegistryError['code'][] = ['not_offered', 'route_not_found']
