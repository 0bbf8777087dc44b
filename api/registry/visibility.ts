import { seesDrafts } from '../contract/mode.ts'
import type { Release } from '../contract/release.ts'
import { statusOf } from '../contract/release-line.ts'
import type { PromptSummary } from '../store/prompt-store.ts'
import type { Head, PromptEvent, Snapshot, VersionRecord } from '../store/records.ts'
import type { SourceRecord } from '../store/source-records.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'

/**
 * The view of a caller with read access, in a deployment without modes that include drafts: all responses look as
 * if drafts did not exist. Labels of drafts are hashes of their files, and would let somebody confirm a guess.
 */
export interface Visibility {
  readonly hidesDrafts: boolean
  /** `undefined` if nothing of the prompt was ever released. */
  listing<L extends PromptSummary>(listing: L): L | undefined
  isVisible(version: VersionRecord, head: Head): boolean
  /** Without the state, which names files and labels of drafts. */
  source(record: SourceRecord): SourceRecord
}

export function visibilityOf({
  caller,
  settings,
}: Pick<OperationContext, 'caller' | 'settings'>): Visibility {
  if (caller.access !== 'read' || settings.allowedModes.some(seesDrafts)) return EVERYTHING
  return RELEASED
}

const EVERYTHING: Visibility = {
  hidesDrafts: false,
  listing: (listing) => listing,
  isVisible: () => true,
  source: (record) => record,
}

const RELEASED: Visibility = {
  hidesDrafts: true,
  listing(listing) {
    const { head, stable, latest } = listing
    if (!wasReleased(head)) return undefined
    if (latest === null || statusOf(latest, releaseIn(head)) !== 'draft') return listing
    const { stable: version, stableBy } = head
    return { ...listing, head: { ...head, latest: version, latestBy: stableBy }, latest: stable }
  },
  isVisible: (version, head) =>
    version.releasedAt !== null || ['stable', 'deprecated'].includes(statusOf(version, releaseIn(head))),
  source: (record) => ({ ...record, state: null }),
}

function releaseIn({ highest }: PromptSummary['head']): Release | null {
  return highest?.release ?? null
}

function wasReleased({ stable, highest, withdrawn, retired }: PromptSummary['head']): boolean {
  return stable !== null || highest !== null || withdrawn !== null || retired !== undefined
}

/** The snapshot as the caller sees it. Throws `not_found`, `gone`. */
export function visibleSnapshot(
  visibility: Visibility,
  id: string,
  snapshot: Snapshot | undefined,
): Snapshot {
  return existing(id, snapshot && visibility.listing(snapshot))
}

/** Events about a version, which may be a draft. */
const OF_VERSIONS: readonly PromptEvent['type'][] = [
  'version_pushed',
  'version_restored',
  'latest_moved',
  'alias_added',
  'attested',
]
/** Events that a prompt without a release may have. */
const OF_PROMPTS: readonly PromptEvent['type'][] = [
  'owner_changed',
  'held',
  'hold_lifted',
  'archived',
  'unarchived',
  'deleted',
]

/** The events that a caller sees, of one or many prompts. */
export async function visibleEvents(
  context: OperationContext,
  events: readonly PromptEvent[],
): Promise<PromptEvent[]> {
  if (!visibilityOf(context).hidesDrafts) return [...events]
  const ofReleases = events.filter((event) => !OF_VERSIONS.includes(event.type) && !isRevokedDraft(event))
  const doubtful = ofReleases.filter(({ type }) => OF_PROMPTS.includes(type))
  const targets = doubtful.flatMap(({ details }) => movedTo(details) ?? [])
  const released = await releasedAmong(context, [...doubtful.map((event) => event.prompt_id), ...targets])
  return ofReleases
    .filter((event) => !doubtful.includes(event) || released.has(event.prompt_id))
    .map((event) => {
      const target = movedTo(event.details)
      return target === undefined || released.has(target) ? event : { ...event, details: null }
    })
}

/** The head without the id of a prompt to which it moved, if the caller may not see that one. */
export async function visibleHead(context: OperationContext, head: Head): Promise<Head> {
  const [listing = { head }] = await withVisibleTargets(context, [{ head }])
  return listing.head
}

/** The same as `visibleHead`, for many prompts. */
export async function withVisibleTargets<L extends { readonly head: Head }>(
  context: OperationContext,
  listings: readonly L[],
): Promise<L[]> {
  const targets = listings.flatMap(({ head }) => head.movedTo ?? [])
  if (targets.length === 0 || !visibilityOf(context).hidesDrafts) return [...listings]
  const released = await releasedAmong(context, targets)
  return listings.map((listing) => {
    const { movedTo, ...head } = listing.head
    return movedTo === undefined || released.has(movedTo) ? listing : { ...listing, head }
  })
}

function movedTo(details: PromptEvent['details']): string | undefined {
  return typeof details?.moved_to === 'string' ? details.moved_to : undefined
}

/** The prompts of which something was ever released. */
async function releasedAmong(
  { prompts }: Pick<OperationContext, 'prompts'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const released = await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const snapshot = await prompts.snapshot(id)
      return snapshot !== undefined && wasReleased(snapshot.head) ? [id] : []
    }),
  )
  return new Set(released.flat())
}

function isRevokedDraft({ type, details }: PromptEvent): boolean {
  return type === 'revoked' && details?.was === 'draft'
}
