import { type PromptUse, useClause } from '../../api/contract/prompt-use.ts'
import type {
  AliasAnswer,
  HoldAnswer,
  HoldDocument,
  KeepSetAnswer,
  OwnerAnswer,
  PromoteAnswer,
  PushAnswer,
  RevokeAnswer,
  RollbackAnswer,
  RollbackSourceAnswer,
} from '../../api/contract/registry-api.ts'
import { parseRelease } from '../../api/contract/release.ts'
import { shellWord } from '../values/shell-word.ts'

/** Why releases wait. */
type HeldBy = Pick<HoldDocument, 'kind'>

/** One sentence for each write, with the change and the version that is served now. */

export function pushed(answer: PushAnswer, movesLatest: boolean, hold: HeldBy | null): string {
  const { prompt_id: id, version, status, created } = answer
  const frozen = holdPhrase(id, hold)
  if (!created) return `${id}: this content is already version ${version} (${status})${frozen}.`
  const seen = movesLatest ? 'modes dev and simulation get it now' : 'latest is unchanged'
  return `${id}: ${version} is a new draft; ${seen}${frozen}.`
}

export function promoted(answer: PromoteAnswer, alias: string | undefined, hold: HeldBy | null): string {
  const isShown =
    alias === undefined || [answer.version, answer.release].includes(parseRelease(alias) ?? alias)
  const named = isShown ? '' : `, named ${alias}`
  return `${stableNow(answer, named)}${holdPhrase(answer.prompt_id, hold)}.`
}

export function rolledBack(answer: RollbackAnswer): string {
  return `${stableNow(answer)}${holdPhrase(answer.prompt_id, answer.hold)}.`
}

/** The effect of a rollback of a source, before or after it. */
export function sourceRolledBack(answer: RollbackSourceAnswer, verb: 'rolls back' | 'back'): string {
  const { source, set, release, changed, added, replaced, removed, hold, settling } = answer
  const to = release === null ? `the set ${set.slice(0, 12)}` : `${release} (set ${set.slice(0, 12)})`
  if (!changed) return `${source}: ${to} is already the set of the source; nothing changed.`
  const counts = [`${replaced} replaced`, `${added} added`, `${removed} removed`]
  const what = counts.filter((one) => !one.startsWith('0 ')).join(', ') || 'no prompt changes'
  const waits = hold?.above == null ? '' : `; releases wait for one above ${hold.above}`
  const until = settling && verb === 'back' ? ' Its prompts follow with the next pass.' : ''
  return `${source}: ${verb} to ${to}: ${what}${waits}.${until}`
}

export function setKept({ set, source, kept }: KeepSetAnswer): string {
  const how = kept ? 'is kept for good' : 'is kept like others'
  return `${source}: the set ${set.slice(0, 12)} ${how}.`
}

export function aliased(answer: AliasAnswer, hold: HeldBy | null): string {
  const { prompt_id: id, alias, version, status, changed } = answer
  const names = changed ? 'is now a name of' : 'is already a name of'
  return `${id}: ${alias} ${names} ${version} (${status})${holdPhrase(id, hold)}.`
}

export function revoked(answer: RevokeAnswer): string {
  const { prompt_id: id, version, release, changed, stable, stable_release } = answer
  const others = othersOf(answer)
  const verb = others.length === 1 ? 'is' : 'are'
  const also = others.length === 0 ? '' : `, and so ${verb} ${others.join(', ')} with the same content`
  const now =
    stable === null ? 'no version is stable now' : `stable is ${versionText(stable, stable_release)}`
  const what = changed ? 'is revoked and never served again' : 'was already revoked'
  return `${id}: ${versionText(version, release)} ${what}${also}; ${now}.`
}

/** The effect of a revocation, for the dry run and the confirmation. `use`: who reads a prompt that it takes out of service. */
export function revocationCovers(answer: RevokeAnswer, use: PromptUse | null): string {
  const { prompt_id: id, version, release, changed, stable, stable_release, scope } = answer
  if (!changed) return `${id}: ${versionText(version, release)} was already revoked.`
  const what = scope === 'content' ? 'every version with this content' : 'this version only'
  const after =
    stable === null ? 'then no version is stable' : `then ${versionText(stable, stable_release)} is stable`
  const readers = use === null ? '' : ` The prompt ${useClause(use)}.`
  return `${id}: revokes ${[versionText(version, release), ...othersOf(answer)].join(', ')}, ${what}; ${after}.${readers}`
}

function othersOf({ version, revoked, releases }: RevokeAnswer): string[] {
  return revoked
    .filter((other) => other !== version)
    .map((other) => versionText(other, releases[other] ?? null))
}

export function held({ prompt_id: id, hold, changed }: HoldAnswer): string {
  if (changed) return `${id}: frozen; releases wait until "promptctl unhold ${shellWord(id)}".`
  const by = hold === null ? '' : ` since ${hold.since}, by ${hold.actor}${because(hold.reason)}`
  return `${id}: already frozen${by}; nothing changed.`
}

export function unheld({ prompt_id: id, changed }: HoldAnswer): string {
  if (!changed) return `${id}: not on hold; nothing changed.`
  return `${id}: hold lifted; the next pass of its source applies the waiting releases.`
}

export function transferred({ prompt_id: id, source, changed }: OwnerAnswer): string {
  const owner = source === null ? 'no source' : `the source ${source}`
  return changed ? `${id}: now belongs to ${owner}.` : `${id}: already belongs to ${owner}; nothing changed.`
}

function stableNow(answer: PromoteAnswer, named = ''): string {
  const { prompt_id: id, version, release, changed, previous, previous_release } = answer
  const now = versionText(version, release)
  if (!changed) return `${id}: ${now} is already stable${named}`
  if (previous === null) return `${id}: stable is now ${now}${named}; there was none before`
  const comma = named === '' ? '' : ','
  return `${id}: stable is now ${now}${named}${comma} instead of ${versionText(previous, previous_release)}`
}

/** A version by its release first, such as `1.4.0 (a6b0c2d1e3f4)`. */
function versionText(label: string, release: string | null): string {
  return release === null || release === label ? label : `${release} (${label})`
}

function holdPhrase(id: string, hold: HeldBy | null): string {
  if (hold === null) return ''
  if (hold.kind === 'until_release') return '; held until a higher release with different content'
  return `; frozen until "promptctl unhold ${shellWord(id)}"`
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`
}
