import {
  breakingChanges,
  compareInputs,
  type InputChange,
  namedChanges,
  nextMajor,
} from '../../api/contract/input-contract.ts'
import { compareReleases, type Release } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import { shellWord } from '../values/shell-word.ts'
import type { JudgedReleases } from './judge-releases.ts'
import type { DesiredRelease, PlanInput } from './plan-input.ts'
import type { PromptView } from './prompt-view.ts'

/** A release that breaks callers of an earlier one in a smaller step than major. */
export interface BreakingRelease {
  readonly id: string
  readonly release: Release
  readonly from: Release
  readonly changes: readonly InputChange[]
}

/** Names of inputs in the details of a finding. */
const MOST_NAMES = 20

/**
 * Compares the newest release with the stable version. Once it is stable, or if nothing is, it is compared with the
 * release before it, for which all releases must have been read.
 */
export function breakingRelease(
  { newest, others }: Pick<JudgedReleases, 'newest' | 'others'>,
  view: PromptView,
  { kind, prereleases }: Pick<PlanInput, 'kind'> & { readonly prereleases: boolean },
): BreakingRelease | null {
  if (newest === null) return null
  const { release, verdict } = newest
  const { id } = release
  const before = (others: readonly DesiredRelease[]) => {
    const earlier = others.find((other) => isEarlier(other, release) && (prereleases || !other.prerelease))
    return kind === 'changes' || earlier === undefined
      ? null
      : { release: earlier.release, inputs: earlier.inputs }
  }
  const { stable = null, stable_identity, stable_release = null } = view.row ?? {}
  const isStable = stable !== null && stable_identity === release.identity
  if (verdict === 'repeat' ? !isStable : isStable) return null
  const from =
    isStable || stable === null ? before(others) : { release: stable_release, inputs: view.stableInputs }
  if (from === null || from.release === null) return null
  const changes = breakingChanges(compareInputs(from.inputs, release.inputs), from.release, release.release)
  return changes.length === 0 ? null : { id, release: release.release, from: from.release, changes }
}

function isEarlier(other: DesiredRelease, { release, identity }: DesiredRelease): boolean {
  return other.identity !== identity && compareReleases(other.release, release) < 0
}

/** The release is promoted all the same. */
export function breakingInputs(breaking: BreakingRelease): NewFinding {
  return {
    code: 'breaking_inputs',
    ...about(breaking),
    message: `${sentence(breaking)} Release such a change as ${nextMajor(breaking.from)}.`,
  }
}

/** The registry enforces inputs, so the release waits. */
export function heldByInputs(breaking: BreakingRelease): NewFinding {
  const { id, release, from } = breaking
  const { subject, details } = about(breaking)
  return {
    ...{ code: 'held', subject, details: { ...details, by: 'inputs' } },
    message: `${sentence(breaking)} It waits: release it as ${nextMajor(from)}, restore the inputs, or let it through: promptctl promote ${shellWord(id)} ${release} --override --allow-breaking-inputs`,
  }
}

function sentence({ id, release, from, changes }: BreakingRelease): string {
  return `Release ${release} of "${id}" breaks callers of ${from}: ${namedChanges(changes)}.`
}

function about({ id, release, from, changes }: BreakingRelease) {
  const inputs = [...new Set(changes.slice(0, MOST_NAMES).map(({ name }) => name))]
  return { subject: { kind: 'prompt', name: id }, details: { release, from, inputs } } as const
}
