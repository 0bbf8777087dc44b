import type { SourceDocument } from '../../api/contract/registry-api.ts'
import type { Plan } from '../../controller/plan/plan.ts'
import type { Moment } from '../../controller/state/due-pass.ts'
import { unsettled } from '../../controller/state/next-state.ts'
import { refsDigest, type SourceState } from '../../controller/state/source-state.ts'

/** A settled source: nothing moved, nothing waits. Tests change one thing each. */

export const NOW = Date.parse('2026-03-01T12:00:00.000Z')
export const COMMIT = 'c'.repeat(40)

export const LISTING = {
  branch: 'main',
  commit: COMMIT,
  branches: [],
  tags: [{ name: 'v1.0.0', commit: COMMIT }],
}

/** A pass without changes. */
export const PLAN: Plan = {
  source: 'demo',
  branch: 'main',
  commit: COMMIT,
  kind: 'changes',
  massChange: null,
  current: [],
  backfill: [],
  refused: [],
  findings: [],
  scope: { everything: false, blobs: new Map(), files: new Set(), tags: new Set(), listed: new Set() },
  layout: { from: null },
  counted: [],
  unsettled: [],
  tags: new Map(),
  unverified: [],
  ignored: [],
  set: null,
}

export function settledState(different: Partial<SourceState> = {}): SourceState {
  return {
    ...unsettled('config', 0, NOW),
    refs_digest: refsDigest(LISTING),
    watermark: { commit: COMMIT, ledger_length: 1 },
    set_due: null,
    ...different,
  }
}

export function sourceDocument(different: Partial<SourceDocument> = {}): SourceDocument {
  return {
    name: 'demo',
    revision: 1,
    state: null,
    attention: 0,
    ledger_length: 1,
    lease: null,
    forgotten: null,
    updated_at: null,
    ...different,
  }
}

export function settledMoment(different: Partial<Moment> = {}): Moment {
  return {
    document: sourceDocument(),
    state: settledState(),
    listing: LISTING,
    configDigest: 'config',
    now: NOW,
    frozenUntil: null,
    ...different,
  }
}
