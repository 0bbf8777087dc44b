import type { FindingDocument, FindingSubjectKind } from '../../api/contract/registry-api.ts'
import type { Json } from '../../api/contract/version.ts'

export type FindingSubject = { readonly kind: FindingSubjectKind; readonly name: string }

/**
 * The class of a finding. `problem`: something is missing from the registry and a person must act; exit code 1 and
 * an alarm. `hold`: something is held on purpose. `notice`: neither.
 */
export type FindingClass = 'problem' | 'hold' | 'notice'

/**
 * Which pass checks whether the cause still exists. `always`: every pass that makes a plan. `file`: one that reads
 * the file or sees that it changed. `tag`: one that reads all files of the tag. `listed`: none; the cause lasts as
 * long as the tag. `full`: only one that compares everything. Every finding about a release tag ends with the tag.
 */
export type Lifetime = 'always' | 'file' | 'tag' | 'listed' | 'full'

/** Every code, most severe first: its class, its lifetime, and the reason of `Ready` unless it is a notice. */
export const FINDING_CODES = {
  pass_failed: ['problem', 'always', 'Failed'],
  mass_change: ['problem', 'always', 'MassChange'],
  too_many_files: ['problem', 'always', 'TooManyFiles'],
  layout_invalid: ['problem', 'always', 'LayoutInvalid'],
  nothing_found: ['problem', 'always', 'NothingFound'],
  release_unreachable: ['problem', 'always', 'ReleaseUnreachable'],
  release_unverified: ['problem', 'always', 'ReleaseUnverified'],
  release_conflict: ['problem', 'full', 'ReleaseConflict'],
  failed: ['problem', 'always', 'Failed'],
  set_incomplete: ['problem', 'always', 'SetIncomplete'],
  refused: ['problem', 'full', 'Refused'],
  unsafe_text: ['problem', 'file', 'UnsafeText'],
  quarantined: ['problem', 'file', 'Quarantined'],
  label_taken: ['problem', 'full', 'Quarantined'],
  format_differs: ['problem', 'full', 'FormatDiffers'],
  row_unreadable: ['problem', 'full', 'RowUnreadable'],
  drifted: ['problem', 'full', 'Drifted'],
  signatures_pending: ['problem', 'always', 'SignaturesPending'],
  held: ['hold', 'full', 'Held'],
  waiting_for_evidence: ['hold', 'full', 'WaitingForEvidence'],
  waiting_for_soak: ['hold', 'full', 'WaitingForSoak'],
  breaking_inputs: ['notice', 'full', ''],
  tag_conflict: ['notice', 'listed', ''],
  tag_lower: ['notice', 'listed', ''],
  evidence_missing: ['notice', 'listed', ''],
  tag_moved: ['notice', 'always', ''],
  tag_deleted: ['notice', 'always', ''],
  tag_empty: ['notice', 'tag', ''],
  tag_incomplete: ['notice', 'tag', ''],
  tag_format_differs: ['notice', 'tag', ''],
  tag_layout_invalid: ['notice', 'tag', ''],
  tag_too_large: ['notice', 'listed', ''],
  tag_unreachable: ['notice', 'always', ''],
  tag_unverified: ['notice', 'always', ''],
  tag_not_release: ['notice', 'always', ''],
  tags_unmatched: ['notice', 'always', ''],
  unsafe_text_released: ['notice', 'file', ''],
  front_matter_repaired: ['notice', 'file', ''],
  front_matter_not_read: ['notice', 'file', ''],
  input_undeclared: ['notice', 'file', ''],
  input_unused: ['notice', 'file', ''],
  unknown_name: ['notice', 'always', ''],
  directory_empty: ['notice', 'always', ''],
  row_skipped: ['notice', 'full', ''],
  prompts_unadopted: ['notice', 'full', ''],
} as const satisfies Readonly<Record<string, readonly [FindingClass, Lifetime, string]>>

export type FindingCode = keyof typeof FINDING_CODES

/**
 * Something about a source that a person should know. It lasts as long as its cause: each pass confirms or clears
 * findings about the subjects that it checked, and leaves the others.
 */

export type Finding = FindingDocument & { readonly code: FindingCode }

/** A finding of a pass, before it is known when it was first seen. */
export interface NewFinding {
  readonly code: FindingCode
  readonly subject: FindingSubject
  /** An error message for people, with what to do next. */
  readonly message: string
  /** Output of another program, in one line, without secrets. */
  readonly cause?: string | null
  readonly details?: Readonly<Record<string, Json>> | null
}

export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(FINDING_CODES, code)
}

export function classOf(code: FindingCode): FindingClass {
  return FINDING_CODES[code][0]
}

/** The reason of the condition `Ready` for a problem or a hold. */
export function reasonOf(code: FindingCode): string {
  return FINDING_CODES[code][2]
}
