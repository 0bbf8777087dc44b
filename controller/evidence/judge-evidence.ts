import { signersOf } from '../../api/contract/attestation/dsse.ts'
import type { FoundStatement } from '../../api/contract/attestation/evidence.ts'
import type { StatementSubject } from '../../api/contract/attestation/statement.ts'
import { type VerificationKey, verificationKey } from '../../api/contract/keys/verification-key.ts'
import { canonicalJson, type Json } from '../../api/contract/version.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { parseDuration } from '../values/duration.ts'
import { compileGlobs } from '../values/glob.ts'
import type { FoundCheck, FoundEvidence } from './evidence.ts'
import { type PromotesFrom, soakProblem } from './promotes-from.ts'
import type { Requirement } from './requirement.ts'

/** The version that a release would promote. */
export type JudgedVersion = Pick<
  DesiredVersion,
  'id' | 'identity' | 'commit' | 'payloadSha256' | 'description' | 'tags'
>

/** A requirement that the evidence does not meet. */
export interface UnmetRequirement {
  /** `null`: the one of `promotesFrom`. */
  readonly requirement: Requirement | null
  /** A clause about the version, such as `its evidence "eval" is FAILED, not PASSED`. */
  readonly problem: string
}

/** Evidence that meets a requirement, for the audit trail. */
export interface MetRequirement {
  readonly requirement: Requirement
  readonly result: string
  /** The fingerprint of the key, or the App. */
  readonly attester: string
  /** SHA-256 of the file with the envelope; `null` for a check run. */
  readonly sha256: string | null
  /** Milliseconds since the epoch; `null` if unknown. */
  readonly at: number | null
}

export interface EvidenceJudge {
  /** The requirements for a prompt, besides that of `promotesFrom`. */
  requirementsFor(id: string): readonly Requirement[]
  /** Whether releases of a prompt must have served in another environment. */
  mustHaveServed(id: string): boolean
  /** Judges a version by each of its requirements. Whatever cannot be read or verified does not meet them. */
  judge(version: JudgedVersion, found: FoundEvidence): EvidenceVerdict
}

export interface EvidenceVerdict {
  readonly met: readonly MetRequirement[]
  readonly unmet: readonly UnmetRequirement[]
}

/** The verdict on a version that needs no evidence. */
export const NOTHING_REQUIRED: EvidenceVerdict = { met: [], unmet: [] }

/** Decides whether versions have the evidence that their promotion requires. Pure. */
export function createEvidenceJudge(
  require: readonly Requirement[],
  promotesFrom?: PromotesFrom,
): EvidenceJudge {
  const mustHaveServed =
    promotesFrom === undefined ? () => false : compileGlobs(promotesFrom.prompts, { dot: true })
  const all = require.map((requirement) => ({
    requirement,
    isFor: compileGlobs(requirement.prompts, { dot: true }),
    keys: requirement.from.flatMap((one) => (typeof one === 'string' ? [verificationKey(one)] : [])),
  }))
  return {
    mustHaveServed,
    requirementsFor: (id) => all.flatMap(({ requirement, isFor }) => (isFor(id) ? [requirement] : [])),
    judge(version, found) {
      const judged = all
        .filter(({ isFor }) => isFor(version.id))
        .map(({ requirement, keys }) => ({
          requirement,
          ...judgeOne(version, { requirement, keys }, found),
        }))
      const soak =
        promotesFrom !== undefined && mustHaveServed(version.id)
          ? soakProblem(found.served?.get(version.id), promotesFrom)
          : null
      return {
        met: judged.flatMap((one) => ('problem' in one ? [] : [one])),
        unmet: [
          ...judged.flatMap((one) => ('problem' in one ? [one] : [])),
          ...(soak === null ? [] : [{ requirement: null, problem: soak }]),
        ],
      }
    },
  }
}

interface Attesters {
  readonly requirement: Requirement
  readonly keys: readonly VerificationKey[]
}

/** Evidence that counts for a requirement, whatever its result. */
type Judgement = Omit<MetRequirement, 'requirement'>

/** Why evidence does not count, as a clause; `null` if it is about something else. */
type Rejection = { readonly rejected: string | null }

/** Clocks differ: evidence may seem to be from the future by this much. */
const SKEW_MS = 5 * 60_000

function judgeOne(
  version: JudgedVersion,
  attesters: Attesters,
  found: FoundEvidence,
): Judgement | Pick<UnmetRequirement, 'problem'> {
  const { requirement } = attesters
  const of = `evidence "${requirement.evidence}"`
  const statements = found.statements.get(version.identity) ?? []
  const checks = found.checks.get(version.commit) ?? []
  const judged = [
    ...statements.map((one) => judgeStatement(one, version, attesters)),
    ...checks.map((one) => judgeCheck(one, requirement)),
  ]
  const newest = judged.flatMap((one) => ('result' in one ? [one] : [])).toSorted(byTime(requirement))[0]
  if (newest === undefined) {
    const [reason] = judged.flatMap((one) =>
      'rejected' in one && one.rejected !== null ? [one.rejected] : [],
    )
    return { problem: reason === undefined ? `it has no ${of}` : `it has no valid ${of}: ${reason}` }
  }
  if (newest.result !== requirement.result)
    return { problem: `its ${of} is ${newest.result}, not ${requirement.result}` }
  const problem = ageProblem(newest.at, requirement, found.at, of)
  return problem === null ? newest : { problem }
}

function ageProblem(at: number | null, { maxAge }: Requirement, now: number, of: string): string | null {
  if (at !== null && at > now + SKEW_MS) return `its ${of} is from the future (${iso(at)})`
  if (maxAge === undefined) return null
  if (at === null) return `its ${of} has no time, which maxAge needs`
  const end = at + (parseDuration(maxAge) ?? 0)
  return now > end ? `its ${of} expired at ${iso(end)}` : null
}

/** The newest first. Without a time, it is older than any other; at the same time, a worse result decides. */
function byTime({ result }: Requirement) {
  return (a: Judgement, b: Judgement): number => {
    const [atA, atB] = [a.at ?? Number.NEGATIVE_INFINITY, b.at ?? Number.NEGATIVE_INFINITY]
    if (atA !== atB) return atB > atA ? 1 : -1
    return Number(a.result === result) - Number(b.result === result)
  }
}

function judgeStatement(
  found: FoundStatement,
  version: JudgedVersion,
  { requirement, keys }: Attesters,
): Judgement | Rejection {
  if (keys.length === 0) return { rejected: null }
  if ('unreadable' in found) return { rejected: `a statement cannot be read: ${found.unreadable}` }
  const { envelope, statement, names, finishedAt, sha256 } = found
  const { evidence, predicate, ignore } = requirement
  if (statement.predicateType !== predicate || !names.includes(evidence)) return { rejected: null }
  const [signer] = signersOf(envelope, keys)
  if (signer === undefined) return { rejected: 'a statement is not signed with a key in "from"' }
  if (!statement.subject.some((subject) => covers(subject, version, ignore)))
    return { rejected: 'a statement is about another version or prompt' }
  const { result } = statement.predicate
  if (typeof result !== 'string') return { rejected: 'a statement has no result' }
  return { result, at: finishedAt, attester: signer.fingerprint, sha256 }
}

/** Whether a statement is about this version, or about one that differs only in the ignored fields. */
function covers(
  { name, digest, annotations = {} }: StatementSubject,
  { id, identity, payloadSha256, description, tags }: JudgedVersion,
  ignore: Requirement['ignore'],
): boolean {
  if (name !== id) return false
  if (digest.sha256 === identity) return true
  const isSame = (field: (typeof ignore)[number], value: Json) => {
    const stated = annotations[field]
    return (
      ignore.includes(field) ||
      (stated !== undefined && canonicalJson(stated as Json) === canonicalJson(value))
    )
  }
  return (
    ignore.length > 0 &&
    annotations.payloadSha256 === payloadSha256 &&
    isSame('description', description) &&
    isSame('tags', tags)
  )
}

const RESULTS: ReadonlyMap<string | null, string> = new Map([
  ['success', 'PASSED'],
  ['neutral', 'WARNED'],
])

function judgeCheck(found: FoundCheck, { from, evidence }: Requirement): Judgement | Rejection {
  const isAsked = from.some((one) => typeof one !== 'string')
  if ('unreadable' in found)
    return { rejected: isAsked ? `the check runs cannot be read: ${found.unreadable}` : null }
  if (found.name !== evidence) return { rejected: null }
  if (!from.some((one) => typeof one !== 'string' && one.app === found.appId))
    return { rejected: isAsked ? `a check run is of the App ${found.appId}, which is not in "from"` : null }
  // A running check decides about its commit once more, whatever an earlier run found.
  const run = { attester: `app:${found.appId}`, sha256: null }
  if (found.completedAt === null) return { ...run, result: 'running', at: Number.POSITIVE_INFINITY }
  const at = Date.parse(found.completedAt)
  return { ...run, result: RESULTS.get(found.conclusion) ?? 'FAILED', at: Number.isNaN(at) ? null : at }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
