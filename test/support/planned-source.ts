import type { SourceDocument } from '../../api/contract/registry-api.ts'
import type { Moment } from '../../controller/pass/pass.ts'
import { refsDigest, type SourceState } from '../../controller/state/source-state.ts'

/** A source that is settled: nothing moved, nothing waits. Tests deviate from it in one thing each. */

export const NOW = Date.parse('2026-03-01T12:00:00.000Z')
export const COMMIT = 'c'.repeat(40)

export const LISTING = { branch: 'main', commit: COMMIT, tags: [{ name: 'v1.0.0', commit: COMMIT }] }

export function settledState(different: Partial<SourceState> = {}): SourceState {
  return {
    format: 1,
    config_digest: 'config',
    refs_digest: refsDigest(LISTING),
    attention: 0,
    watermark: { commit: COMMIT, ledger_length: 1 },
    unverified: '',
    retry: null,
    begun: null,
    checked_at: new Date(NOW).toISOString(),
    last_pass: null,
    quarantined: [],
    quarantined_count: 0,
    findings: [],
    held: null,
    confirmed: null,
    waiting: 0,
    layout: null,
    conditions: [],
    quotas: [],
    passes: [],
    complete_at: null,
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
