import { describe, expect, it } from 'vitest'
import { countsText } from '../../../controller/findings/counts-text.ts'
import {
  FINDING_CODES,
  type Finding,
  type FindingClass,
  type FindingCode,
} from '../../../controller/findings/finding.ts'
import { countedCode, gravestOf, verdictOf } from '../../../controller/findings/verdict.ts'

const CODES = Object.keys(FINDING_CODES) as FindingCode[]

/** A new code needs a line here: its class, and the reason of the condition `Ready`. */
const MEANS: Readonly<Record<FindingCode, readonly [FindingClass, reason: string]>> = {
  pass_failed: ['problem', 'Failed'],
  mass_change: ['problem', 'MassChange'],
  too_many_files: ['problem', 'TooManyFiles'],
  layout_invalid: ['problem', 'LayoutInvalid'],
  nothing_found: ['problem', 'NothingFound'],
  release_unreachable: ['problem', 'ReleaseUnreachable'],
  release_unverified: ['problem', 'ReleaseUnverified'],
  release_conflict: ['problem', 'ReleaseConflict'],
  failed: ['problem', 'Failed'],
  set_incomplete: ['problem', 'SetIncomplete'],
  refused: ['problem', 'Refused'],
  unsafe_text: ['problem', 'UnsafeText'],
  quarantined: ['problem', 'Quarantined'],
  label_taken: ['problem', 'Quarantined'],
  format_differs: ['problem', 'FormatDiffers'],
  row_unreadable: ['problem', 'RowUnreadable'],
  drifted: ['problem', 'Drifted'],
  signatures_pending: ['problem', 'SignaturesPending'],
  held: ['hold', 'Held'],
  waiting_for_evidence: ['hold', 'WaitingForEvidence'],
  waiting_for_soak: ['hold', 'WaitingForSoak'],
  breaking_inputs: ['notice', 'Synced'],
  tag_conflict: ['notice', 'Synced'],
  tag_lower: ['notice', 'Synced'],
  evidence_missing: ['notice', 'Synced'],
  tag_moved: ['notice', 'Synced'],
  tag_deleted: ['notice', 'Synced'],
  tag_empty: ['notice', 'Synced'],
  tag_incomplete: ['notice', 'Synced'],
  tag_format_differs: ['notice', 'Synced'],
  tag_layout_invalid: ['notice', 'Synced'],
  tag_too_large: ['notice', 'Synced'],
  tag_unreachable: ['notice', 'Synced'],
  tag_unverified: ['notice', 'Synced'],
  tag_not_release: ['notice', 'Synced'],
  tags_unmatched: ['notice', 'Synced'],
  unsafe_text_released: ['notice', 'Synced'],
  front_matter_repaired: ['notice', 'Synced'],
  front_matter_not_read: ['notice', 'Synced'],
  input_undeclared: ['notice', 'Synced'],
  input_unused: ['notice', 'Synced'],
  unknown_name: ['notice', 'Synced'],
  directory_empty: ['notice', 'Synced'],
  row_skipped: ['notice', 'Synced'],
  prompts_unadopted: ['notice', 'Synced'],
}

const READY = { class: 'ready', reason: 'Synced', text: '', exitCode: 0, level: 'info' }

describe('the verdict on a source with one finding', () => {
  it.each(CODES)('depends on its code: %s', (code) => {
    const [what, reason] = MEANS[code]
    const text = `1 ${code.replaceAll('_', ' ')}`
    const expected = {
      problem: { class: 'problem', reason, text, exitCode: 1, level: 'warn' },
      hold: { class: 'hold', reason, text, exitCode: 0, level: 'info' },
      notice: READY,
    }
    expect(verdictOf({ [code]: 1 })).toEqual(expected[what])
  })
})

describe('the verdict on a source', () => {
  it('is ready without findings, and with zero counts', () => {
    expect(verdictOf({})).toEqual(READY)
    expect(verdictOf({ refused: 0, held: 0 })).toEqual(READY)
  })

  it('has the reason of the most severe finding, and counts every problem and hold', () => {
    expect(verdictOf({ held: 3, tag_lower: 5, quarantined: 1, refused: 2 })).toEqual({
      class: 'problem',
      reason: 'Refused',
      text: '2 refused, 1 quarantined, 3 held',
      exitCode: 1,
      level: 'warn',
    })
  })

  it('is held with holds and notices only', () => {
    expect(verdictOf({ held: 2, tag_moved: 1 })).toEqual({
      class: 'hold',
      reason: 'Held',
      text: '2 held',
      exitCode: 0,
      level: 'info',
    })
  })

  it('is a problem if there are both holds and problems', () => {
    for (const code of CODES.filter((one) => MEANS[one][0] === 'problem'))
      expect(verdictOf({ [code]: 1, held: 1 })).toMatchObject({ class: 'problem', exitCode: 1 })
  })
})

describe('the most severe finding', () => {
  const finding = (code: FindingCode, name: string): Finding => ({
    ...{ code, subject: { kind: 'prompt', name }, message: 'It is.', cause: null, first_seen: 't1' },
  })
  const all = [
    finding('held', 'a'),
    finding('quarantined', 'b'),
    finding('quarantined', 'c'),
    finding('tag_lower', 'd'),
  ]

  it('is the first of the most severe code', () => {
    const counts = { held: 1, quarantined: 2, tag_lower: 1 }
    expect(gravestOf(all, counts)?.subject.name).toBe('b')
    expect(gravestOf(all, { held: 1 })?.subject.name).toBe('a')
  })

  it('is the most severe of those given, even if a worse one is only counted', () => {
    expect(gravestOf(all, { refused: 1, held: 1, quarantined: 2 })?.subject.name).toBe('b')
  })

  it('is undefined among notices', () => {
    expect(gravestOf(all, { tag_lower: 1 })).toBeUndefined()
    expect(gravestOf([], { refused: 1 })).toBeUndefined()
  })
})

describe('counts in words', () => {
  it('have spaces in the code', () => {
    expect(countedCode('mass_change', 1)).toBe('1 mass change')
  })

  it('list changes, then problems and holds, without zeros', () => {
    const counts = {
      pushed: 2,
      promoted: 1,
      named: 0,
      unchanged: 7,
      ignored: 3,
      refused: 1,
      held: 2,
      tag_lower: 4,
    }
    expect(countsText(counts)).toBe('2 pushed, 1 promoted, 1 refused, 2 held')
    expect(countsText({ archived: 1, retired: 2, healed: 3, named: 4 })).toBe(
      '4 named, 1 archived, 2 retired, 3 healed',
    )
    expect(countsText({ refused: 1 })).toBe('1 refused')
    expect(countsText({ pushed: 0, held: 0 })).toBe('')
  })
})
