import { type PromptUse, useClause, useDetails } from '../../api/contract/prompt-use.ts'
import { READS_DAYS } from '../../api/contract/reads.ts'
import type { Release } from '../../api/contract/release.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { shellWord } from '../values/shell-word.ts'
import type { RefusedChange } from './changes.ts'
import type { DesiredRelease } from './plan-input.ts'

/** Findings about a prompt: refused changes, held releases, and versions set by hand. */

const prompt = (id: string) => ({ kind: 'prompt', name: id }) as const

export function refusedFinding({ change, code, message }: RefusedChange): NewFinding {
  return { code: 'refused', subject: prompt(change.id), message, details: { code, change: change.do } }
}

export function notOwnerMessage(id: string, owner: string, source: string): string {
  return `The prompt "${id}" belongs to the source "${owner}". Rename it in this source, or run: promptctl transfer ${shellWord(id)} ${source}`
}

export function otherCaseMessage(id: string, there: string): string {
  return `The prompt "${there}" already exists, and "${id}" differs from it only by case or by similar characters. Use that id, or another name.`
}

export function revokedMessage({ id, path }: DesiredVersion): string {
  return `The content of ${path} was revoked for "${id}" and cannot come back. Change it.`
}

export function aliasTakenMessage({ id, release, tag }: DesiredRelease, version: string): string {
  return `The name ${release} of "${id}" belongs to version ${version}, so tag ${tag} cannot have it. Release under a new version.`
}

/** A file's version and another version of its prompt share the first 12 digits of their identities. */
export function labelTakenByFile({ id, path, blob, version }: DesiredVersion, by: string): NewFinding {
  const message = `The label ${version} of "${id}" belongs to another version (${short(by)}). Change a byte of ${path}.`
  return {
    code: 'label_taken',
    subject: { kind: 'file', name: path },
    message,
    details: { id, blob, version },
  }
}

/** `isNewest`: no higher release of the prompt counts, so a version that should be served is not. */
export function labelTakenByTag(
  { id, path, version, release, tag }: DesiredRelease,
  by: string,
  isNewest: boolean,
): NewFinding {
  const message = `The label ${version} of "${id}" belongs to another version (${short(by)}), so tag ${tag} does not release ${path}. Change a byte of it, and release it under a new version.`
  const code = isNewest ? 'label_taken' : 'tag_incomplete'
  return { code, subject: { kind: 'tag', name: tag }, message, details: { id, version, release } }
}

/** Enough of an identity to distinguish it from another with the same label. */
function short(identity: string): string {
  return `${identity.slice(0, 24)}…`
}

export function frozenPrompt(id: string, release: Release, reason: string | null): NewFinding {
  const because = reason === null ? '' : ` (${reason})`
  const message = `The prompt "${id}" is frozen${because}. Release ${release} waits until the hold is lifted: promptctl unhold ${shellWord(id)}`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'hold' } }
}

export function rolledBackPrompt(
  id: string,
  release: Release,
  { above, reason }: { readonly above: Release | null; readonly reason: string | null },
): NewFinding {
  const because = reason === null ? '' : ` (${reason})`
  const higher = above === null ? 'a release' : `a release above ${above}`
  const message = `The prompt "${id}" was rolled back${because}. Release ${release} waits for ${higher} with other content, or for: promptctl unhold ${shellWord(id)}`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'rollback' } }
}

export function rolledBackSource(
  id: string,
  release: Release,
  { source, above }: { readonly source: string; readonly above: Release | null },
): NewFinding {
  const message = `The source "${source}" was rolled back. Release ${release} of "${id}" waits for a release above ${above}.`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'source_rollback' } }
}

/** `until` is ISO 8601. */
export function frozenSource(id: string, release: Release, until: string): NewFinding {
  const message = `Release ${release} of "${id}" waits for the end of the freeze at ${until}.`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'freeze', until } }
}

export function heldRetirement(id: string, release: Release, reason: string | null): NewFinding {
  const because = reason === null ? '' : ` (${reason})`
  const message = `The prompt "${id}" is held${because}, so release ${release} does not take it out of service. Lift the hold: promptctl unhold ${shellWord(id)}`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'hold' } }
}

export function heldBySource(id: string, release: Release, source: string): NewFinding {
  const message = `The source "${source}" was rolled back, so release ${release} does not take "${id}" out of service. A higher release does.`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'source_rollback' } }
}

/** `until` is ISO 8601. */
export function frozenRetirement(id: string, release: Release, until: string): NewFinding {
  const message = `Release ${release} takes "${id}" out of service at the end of the freeze at ${until}.`
  return { code: 'held', subject: prompt(id), message, details: { release, by: 'freeze', until } }
}

export function readRetirement(id: string, release: Release, source: string, use: PromptUse): NewFinding {
  const confirm = `promptctl sync ${shellWord(source)} --confirm`
  const message = `Release ${release} no longer has "${id}", which ${useClause(use)}. It stays in service until nobody has read it for ${READS_DAYS.inUse} days. To take it out of service now: ${confirm}`
  return {
    ...{ code: 'held', subject: prompt(id), message },
    details: { release, by: 'reads', ...useDetails(use) },
  }
}

/** The registry cannot read its own row of the prompt. */
export function unreadableRow(id: string, problem: string): NewFinding {
  const message = `The registry cannot read the prompt "${id}": ${problem}`
  return { code: 'row_unreadable', subject: prompt(id), message }
}

interface Drifted {
  readonly has: string | null
  readonly git: string | null
  /** What git has was rolled back or revoked. */
  readonly isWithdrawn?: boolean
}

export function driftedPrompt(
  id: string,
  what: 'stable' | 'latest',
  { has, git, isWithdrawn = false }: Drifted,
): NewFinding {
  const now = has === null ? `has no ${what} version` : `has the ${what} version ${has}`
  const message = `The prompt "${id}" ${now}, set by hand; ${nextMove(git, isWithdrawn)}`
  return { code: 'drifted', subject: prompt(id), message, details: { what, has, git } }
}

function nextMove(git: string | null, isWithdrawn: boolean): string {
  if (git === null) return 'git has released none. Release the prompt.'
  if (isWithdrawn) return `git says ${git}, which was rolled back or revoked. Release a higher version.`
  return `git says ${git}. Release it, or set drift: heal to restore it.`
}
