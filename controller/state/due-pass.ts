import type { SourceDocument } from '../../api/contract/registry-api.ts'
import { type Backoff, backoffMs } from '../../api/contract/retry.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import type { RefListing } from '../source/git-source.ts'
import { evidenceDigest, refsDigest, type SourceState, situationOf } from './source-state.ts'

/** Decides whether a pass is due, and which kind. Pure. Times are in milliseconds since the epoch. */

const HEARTBEAT_MS = 60_000
const RETRY: Backoff = { firstMs: 5_000, longestMs: 300_000 }

/** The input of these decisions. */
export interface Moment {
  readonly document: SourceDocument
  readonly state: SourceState | null
  readonly listing: RefListing
  readonly configDigest: string
  readonly now: number
  /** End of the current freeze; `null` outside of freezes. */
  readonly frozenUntil: number | null
}

/** Options of a pass. */
export interface Wishes {
  /** Compare everything. */
  readonly force?: boolean
  /** Run a pending retry now. */
  readonly retryNow?: boolean
  /** Apply the mass change that the source is held for, and retire prompts that somebody reads. */
  readonly confirm?: boolean
  /** Retire prompts that somebody reads. Default: as `confirm`. */
  readonly retireRead?: boolean
}

/**
 * Which kind of pass is due. `none` if nothing changed, or if the change is already held. A retry that is not due
 * yet does not count unless something else changed.
 */
export function dueKind(moment: Moment, wishes: Wishes): PlanInput['kind'] | 'none' {
  const { document, state, listing, configDigest, now, frozenUntil } = moment
  const { force = false, retryNow = false, confirm = false } = wishes
  if (state === null) return 'first'
  const { retry, begun, watermark, set_due: setDue } = state
  // The source was rolled back, and its prompts are not. Absent in the answers of older registries.
  const { settling = false } = document
  const retryDue = retry !== null && (retryNow || Date.parse(retry.not_before) <= now)
  // If a pass failed meanwhile, it left a retry, and only another pass clears its finding.
  if (isHeld(moment) && !force) return confirm || retryDue || settling ? (state.held?.kind ?? 'full') : 'none'
  if (force || state.config_digest !== configDigest || state.attention !== document.attention) {
    return state.watermark === null ? 'first' : 'full'
  }
  // What waits may be confirmed, such as the retirement of a prompt that somebody reads.
  if (confirm && state.evidence !== null) return watermark === null ? 'first' : 'full'
  // A failed pass does not change when to look again, so its retry paces it.
  if (mayGoOn(moment) && (retry === null || retryDue)) return watermark === null ? 'first' : 'full'
  const moved = state.refs_digest !== refsDigest(listing)
  // The last pass was killed. A pass that ended with failures left a retry instead.
  const unfinished = retry === null && (begun !== null || watermark === null || setDue !== null)
  const thawed = state.waiting > 0 && frozenUntil === null
  // The held change is gone: the refs are back to their previous state.
  const relieved = state.held !== null && !isHeld(moment)
  if (!moved && !retryDue && !unfinished && !thawed && !relieved && !settling) return 'none'
  if (watermark === null) return 'first'
  // An unfinished pass towards another commit made changes that the diff from the watermark does not show.
  const astray = begun !== null && (begun.full || begun.commit !== listing.commit)
  return thawed || astray || relieved ? 'full' : 'changes'
}

export function mayRetireRead({ confirm = false, retireRead = confirm }: Wishes): boolean {
  return retireRead
}

/** Whether releases or retirements wait, and may have what they wait for now. */
function mayGoOn({ state, document, listing, now }: Moment): boolean {
  const waiting = state?.evidence ?? null
  if (waiting === null) return false
  const { digest, look_again_at: again } = waiting
  return digest !== evidenceDigest(listing, document) || (again !== null && Date.parse(again) <= now)
}

/** Whether a mass change in exactly this situation is held and not confirmed. */
export function isHeld(moment: Moment): boolean {
  const { state } = moment
  return state !== null && state.held !== null && state.held.of === momentSituation(moment)
}

/** Whether a person has confirmed the mass change in exactly this situation, now or before. */
export function isConfirmed(moment: Moment, { confirm = false }: Wishes): boolean {
  return (confirm && isHeld(moment)) || moment.state?.confirmed === momentSituation(moment)
}

export function momentSituation({ listing, configDigest, document }: Moment): string {
  return situationOf(listing, { configDigest, attention: document.attention })
}

/** Whether an idle pass should record that it checked. */
export function heartbeatDue(state: SourceState, now: number): boolean {
  return now - Date.parse(state.checked_at) >= HEARTBEAT_MS
}

/** The pause before a pass is retried. See `backoffMs`. */
export function retryDelay(attempt: number, random: number): number {
  return backoffMs(attempt, RETRY, random)
}
