import type { SourceDocument } from '../../api/contract/registry-api.ts'
import type { Observed } from '../plan/observed.ts'
import type { RefListing } from '../source/git-source.ts'
import { refsDigest, type SourceState, situationOf } from '../state/source-state.ts'

/** Decisions about a whole pass. Pure: times are milliseconds since the epoch. */

const HEARTBEAT_MS = 60_000
const RETRY_MS = { first: 5_000, longest: 300_000 }

/** What is compared to know whether there is anything to do. */
export interface Moment {
  readonly document: SourceDocument
  readonly state: SourceState | null
  readonly listing: RefListing
  readonly configDigest: string
  readonly now: number
  /** Until when nothing is promoted; `null` outside of freezes. */
  readonly frozenUntil: number | null
}

/** What whoever asks for a pass wants of it. */
export interface Wishes {
  /** Compares everything. */
  readonly force?: boolean
  /** Tries again now what waits for its time. */
  readonly retryNow?: boolean
  /** Lets the mass change through that the source is held for. */
  readonly confirm?: boolean
}

/**
 * What kind of pass is due; `none` where nothing moved, and where all that moved is held already. A retry that waits
 * for its time counts as nothing, unless something moved since.
 */
export function dueKind(moment: Moment, wishes: Wishes): Observed['kind'] | 'none' {
  const { document, state, listing, configDigest, now, frozenUntil } = moment
  const { force = false, retryNow = false, confirm = false } = wishes
  if (state === null) return 'first'
  if (isHeld(moment) && !force) return confirm ? (state.held?.kind ?? 'full') : 'none'
  if (force || state.config_digest !== configDigest || state.attention !== document.attention) {
    return state.watermark === null ? 'first' : 'full'
  }
  const moved = state.refs_digest !== refsDigest(listing)
  const { retry, begun, watermark } = state
  const retryDue = retry !== null && (retryNow || Date.parse(retry.not_before) <= now)
  // One that was killed; one that ended, where something failed, left a retry that waits for its time.
  const unfinished = retry === null && (begun !== null || watermark === null)
  const thawed = state.waiting > 0 && frozenUntil === null
  // What was held is not there any more: the refs are as they were before.
  const relieved = state.held !== null && !isHeld(moment)
  if (!moved && !retryDue && !unfinished && !thawed && !relieved) return 'none'
  if (watermark === null) return 'first'
  // What it did on its way to another commit no longer shows between the watermark and this one.
  const astray = begun !== null && (begun.full || begun.commit !== listing.commit)
  return thawed || astray ? 'full' : 'changes'
}

/** Whether this very situation was judged to change too much, and nobody let it through. */
export function isHeld(moment: Moment): boolean {
  const { state } = moment
  return state !== null && state.held !== null && state.held.of === momentSituation(moment)
}

/** Whether a person lets this very situation through, now or before. */
export function isConfirmed(moment: Moment, { confirm = false }: Wishes): boolean {
  return (confirm && isHeld(moment)) || moment.state?.confirmed === momentSituation(moment)
}

export function momentSituation({ listing, configDigest, document }: Moment): string {
  return situationOf(listing, { configDigest, attention: document.attention })
}

/** Whether an idle pass should tell that it looked. */
export function heartbeatDue(state: SourceState, now: number): boolean {
  return now - Date.parse(state.checked_at) >= HEARTBEAT_MS
}

/** Milliseconds to wait before trying again, for the first attempt and those after it. */
export function retryDelay(attempt: number, random: number): number {
  const delay = Math.min(RETRY_MS.first * 2 ** (attempt - 1), RETRY_MS.longest)
  return Math.round(delay * (0.5 + random / 2))
}
