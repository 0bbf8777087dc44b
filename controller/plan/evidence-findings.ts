import { firstNames } from '../../api/contract/first-names.ts'
import type { UnmetRequirement } from '../evidence/judge-evidence.ts'
import type { NewFinding } from '../findings/finding.ts'
import { shellWord } from '../values/shell-word.ts'
import type { DesiredRelease } from './plan-input.ts'

/** The release waits until its version has the evidence. */
export function waitingForEvidence(release: DesiredRelease, unmet: readonly UnmetRequirement[]): NewFinding {
  const { id, version } = release
  if (unmet.every(({ requirement }) => requirement === null)) return waitingForSoak(release, unmet)
  const let_through = `promptctl promote ${shellWord(id)} ${release.release} --override --reason "…"`
  return {
    ...{ code: 'waiting_for_evidence', ...about(release, unmet) },
    message: `Release ${release.release} of "${id}" waits for evidence about version ${version}: ${problems(unmet)}. Attest the version, or let it through: ${let_through}`,
  }
}

/** Only time and readers in the other environment are missing. */
function waitingForSoak(release: DesiredRelease, unmet: readonly UnmetRequirement[]): NewFinding {
  const { id, version } = release
  return {
    ...{ code: 'waiting_for_soak', ...about(release, unmet) },
    message: `Release ${release.release} of "${id}" waits: ${problems(unmet)} (version ${version}). Wait, or let it through: promptctl promote ${shellWord(id)} ${release.release} --override --reason "…"`,
  }
}

/** A release without evidence for which the platform only warns. */
export interface UnattestedRelease {
  readonly release: DesiredRelease
  readonly unmet: readonly UnmetRequirement[]
}

const MOST_NAMES = 5

/** A tag whose releases are promoted all the same. */
export function unattestedTag(tag: string, all: readonly UnattestedRelease[]): NewFinding {
  const ids = all.map(({ release }) => release.id)
  const [first] = all
  const why = first === undefined ? '' : problems(first.unmet)
  return {
    code: 'evidence_missing',
    subject: { kind: 'tag', name: tag },
    message: `Tag ${tag} was released without the evidence that it should have: ${firstNames(ids, MOST_NAMES)} (${why}). Attest versions before they are released.`,
    details: { ids: ids.slice(0, MOST_NAMES) },
  }
}

function problems(unmet: readonly UnmetRequirement[]): string {
  return unmet.map(({ problem }) => problem).join('; ')
}

function about({ id, version, identity, release }: DesiredRelease, unmet: readonly UnmetRequirement[]) {
  const asksHost = ({ requirement }: UnmetRequirement) =>
    requirement === null || requirement.from.some((one) => typeof one !== 'string')
  return {
    subject: { kind: 'prompt', name: id },
    details: {
      ...{ release, version, identity, by: 'evidence' },
      evidence: unmet.map(({ requirement }) => requirement?.evidence ?? 'promotesFrom'),
      /** Neither a host nor another registry announces what changes, so the controller looks again. */
      checks: unmet.some(asksHost),
    },
  } as const
}
