import { seesDrafts } from '../contract/mode.ts'
import type { Release } from '../contract/release.ts'
import { statusOf } from '../contract/release-line.ts'
import type { PromptListing } from '../store/prompt-store.ts'
import type { Head, PromptEvent, Snapshot, SourceRecord, VersionRecord } from '../store/records.ts'
import { existing } from './guards.ts'
import type { OperationContext } from './operation-context.ts'

/**
 * The view of a caller with read access, in a deployment without modes that include drafts: all responses look as
 * if drafts did not exist. Labels of drafts are hashes of their files, and would let somebody confirm a guess.
 */
export interface Visibility {
  readonly hidesDrafts: boolean
  /** `undefined` if nothing of the prompt was ever released. */
  listing<L extends PromptListing | Snapshot>(listing: L): L | undefined
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

function releaseIn({ highest }: Head): Release | null {
  return highest?.release ?? null
}

function wasReleased({ stable, highest, withdrawn, retired }: Head): boolean {
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
  const ids = [...new Set(doubtful.map((event) => event.prompt_id))]
  const released = await Promise.all(
    ids.map(async (id) => {
      const snapshot = await context.prompts.snapshot(id)
      return snapshot !== undefined && wasReleased(snapshot.head)
    }),
  )
  const hidden = ids.filter((_, index) => released[index] === false)
  return ofReleases.filter((event) => !hidden.includes(event.prompt_id))
}

function isRevokedDraft({ type, details }: PromptEvent): boolean {
  return type === 'revoked' && details?.was === 'draft'
}
