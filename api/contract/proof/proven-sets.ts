import { memberOf } from '../release-set.ts'
import { identityLabel, isIdentityLabel } from '../version.ts'
import { hadMember, type ProofKeys, type SetProof, type VerifiedSet, verifyProof } from './verify-set.ts'

/** The releases of a source that are remembered, for pins. */
const MOST_RELEASES = 20

/** Remembers the proven sets of sources, and decides which versions they prove. */
export interface ProvenSets {
  /**
   * Adds a proof. It becomes the current one of its source unless a newer one is known. Throws `ProofError`.
   */
  add(proof: unknown): VerifiedSet
  /** The newest set of a source that is known. */
  current(source: string): VerifiedSet | undefined
  /** The newest proof of each source, as it was added. */
  readonly proofs: readonly SetProof[]
  /** Explains, as a sentence, why a version is not proven; `undefined` if it is. */
  problem(version: ProvenVersion): string | undefined
}

export interface ProvenVersion {
  readonly promptId: string
  /** The pin of the reference. Without one, only the current set of a source counts. */
  readonly pin: string | undefined
  /** The digest of the set that a session reads from, which may be an earlier one. */
  readonly set?: string | undefined
  /** Computed from the file, never as somebody names it. */
  readonly identity: string
}

interface KnownProof {
  readonly proof: SetProof
  readonly current: VerifiedSet
  /** Newest first. */
  readonly releases: readonly VerifiedSet[]
}

export function createProvenSets(keys: ProofKeys): ProvenSets {
  const known = new Map<string, KnownProof>()
  const all = () => [...known.values()]
  return {
    add(document) {
      const { statement, releases } = verifyProof(document, keys)
      const before = known.get(statement.source)
      const isNewest = before === undefined || statement.sequence >= before.current.sequence
      known.set(statement.source, {
        ...(isNewest ? { proof: document as SetProof, current: statement } : before),
        releases: newestFirst([statement, ...releases, ...(before?.releases ?? [])]),
      })
      return statement
    },
    current: (source) => known.get(source)?.current,
    get proofs() {
      return all().map(({ proof }) => proof)
    },
    problem: ({ promptId, pin, set, identity }) => {
      const current = all().map((one) => one.current)
      const releases = all().flatMap((one) => one.releases)
      if (set !== undefined && pin === undefined) {
        const named = [...current, ...releases].find((one) => one.set === set)
        if (named === undefined) return `There is no signed statement about the set ${identityLabel(set)}.`
        return unpinnedProblem(promptId, identity, [named], [])
      }
      return pin === undefined
        ? unpinnedProblem(promptId, identity, current, releases)
        : pinProblem({ promptId, pin, identity }, [...current, ...releases])
    },
  }
}

function newestFirst(sets: readonly VerifiedSet[]): readonly VerifiedSet[] {
  const releases = sets.filter(({ kind }) => kind === 'release')
  const bySequence = new Map(releases.map((one) => [one.sequence, one]))
  return [...bySequence.values()].sort((a, b) => b.sequence - a.sequence).slice(0, MOST_RELEASES)
}

function unpinnedProblem(
  id: string,
  identity: string,
  current: readonly VerifiedSet[],
  releases: readonly VerifiedSet[],
): string | undefined {
  if (hadMember(current, id, identity)) return undefined
  const set = current.find((one) => memberOf(one, id) !== undefined)
  if (set !== undefined) {
    const older = hadMember(releases, id, identity) ? ', which only an older set has' : ''
    return `The file of "${id}" is version ${identityLabel(identity)}${older}, but the signed set of source "${set.source}" has version ${identityLabel(memberOf(set, id) ?? '')}.`
  }
  if (hadMember(releases, id, identity))
    return `Only an older set than the current one has "${id}", so it is not served any more.`
  return notAMember(id, current)
}

function pinProblem(
  { promptId, pin, identity }: ProvenVersion,
  sets: readonly VerifiedSet[],
): string | undefined {
  if (pin !== undefined && isIdentityLabel(pin) && !identity.startsWith(pin))
    return `The file of "${promptId}" is version ${identityLabel(identity)}, but the reference pins ${pin}.`
  if (hadMember(sets, promptId, identity)) return undefined
  const has = sets.some((set) => memberOf(set, promptId) !== undefined)
  return has
    ? `The file of "${promptId}@${pin}" is version ${identityLabel(identity)}, which no signed set has.`
    : notAMember(promptId, sets)
}

function notAMember(id: string, sets: readonly VerifiedSet[]): string {
  if (sets.length === 0) return `There is no signed statement that proves "${id}".`
  const sources = [...new Set(sets.map(({ source }) => `"${source}"`))].join(', ')
  return `The signed set of source ${sources} does not have "${id}".`
}
