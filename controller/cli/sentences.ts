import type {
  AliasAnswer,
  HoldAnswer,
  HoldDocument,
  OwnerAnswer,
  PromoteAnswer,
  PushAnswer,
  RevokeAnswer,
  RollbackAnswer,
} from '../../api/contract/registry-api.ts'

/** What a write did, and what is served now, in one sentence for people. */

export function pushed(answer: PushAnswer, movesLatest: boolean, hold: HoldDocument | null): string {
  const { prompt_id: id, version, status, created } = answer
  const frozen = holdPhrase(id, hold)
  if (!created) return `${id}: this text is version ${version} already (${status})${frozen}.`
  const seen = movesLatest ? 'modes dev and simulation get it now' : 'latest stays where it was'
  return `${id}: ${version} is a new draft; ${seen}${frozen}.`
}

export function promoted(
  answer: PromoteAnswer,
  alias: string | undefined,
  hold: HoldDocument | null,
): string {
  const named = alias === undefined ? '' : `, named ${alias}`
  return `${stableNow(answer, named)}${holdPhrase(answer.prompt_id, hold)}.`
}

export function rolledBack(answer: RollbackAnswer): string {
  return `${stableNow(answer)}${holdPhrase(answer.prompt_id, answer.hold)}.`
}

export function aliased(answer: AliasAnswer, hold: HoldDocument | null): string {
  const { prompt_id: id, alias, version, status, changed } = answer
  const names = changed ? 'is now a name of' : 'is a name of'
  return `${id}: ${alias} ${names} ${version} (${status})${changed ? '' : ' already'}${holdPhrase(id, hold)}.`
}

export function revoked(answer: RevokeAnswer): string {
  const { prompt_id: id, version, changed, stable } = answer
  const others = answer.revoked.filter((label) => label !== version)
  const also = others.length === 0 ? '' : `, and so is the same text under ${others.join(', ')}`
  const now = stable === null ? 'no version is stable now' : `stable is ${stable}`
  const what = changed ? 'is revoked and never served again' : 'was revoked already'
  return `${id}: ${version} ${what}${also}; ${now}.`
}

export function held({ prompt_id: id, hold, changed }: HoldAnswer): string {
  if (changed) return `${id}: frozen; no release reaches it until "promptctl unhold ${id}".`
  const by = hold === null ? '' : ` since ${hold.since}, by ${hold.actor}${because(hold.reason)}`
  return `${id}: frozen already${by}; nothing changed.`
}

export function unheld({ prompt_id: id, changed }: HoldAnswer): string {
  if (!changed) return `${id}: there is no hold; nothing changed.`
  return `${id}: the hold is lifted; releases that waited come with the next pass of its source.`
}

export function transferred({ prompt_id: id, source, changed }: OwnerAnswer): string {
  const owner = source === null ? 'no source' : `the source ${source}`
  return changed ? `${id}: belongs to ${owner} now.` : `${id}: belongs to ${owner} already; nothing changed.`
}

function stableNow({ prompt_id: id, version, changed, previous }: PromoteAnswer, named = ''): string {
  if (!changed) return `${id}: ${version} is stable already${named}`
  return `${id}: stable is now ${version}${named} (${previous === null ? 'there was none' : `was ${previous}`})`
}

function holdPhrase(id: string, hold: HoldDocument | null): string {
  if (hold === null) return ''
  if (hold.kind === 'until_release') return '; held until the next release of other text'
  return `; frozen until "promptctl unhold ${id}"`
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`
}
