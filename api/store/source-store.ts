import type { LedgerEntry } from '../contract/registry-api.ts'
import type { Page } from './prompt-store.ts'
import type { FindingChanges, SourceRecord, StoredFinding } from './source-records.ts'

/**
 * The port to the storage of sources. The operations on sources and leases call it.
 *
 * Every adapter guarantees:
 * - Reads are strongly consistent.
 * - The cost of `get` does not grow with the ledger.
 * - A ledger entry never changes; a source's ledger has a tag at most once.
 * - Failures are `RegistryError`: `busy` if a later retry may help, else `unavailable`.
 */
export interface SourceStore {
  get(name: string): Promise<SourceRecord | undefined>

  /** Ordered by name. */
  list(query: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<SourceRecord>>

  /**
   * Writes the record, appends to the ledger and changes findings, if the record is still at `expectedVersion` (0:
   * does not exist). Returns whether it did. Returns false and writes nothing if a tag is already in the ledger or
   * is given twice. Findings are identified by code and subject; removing a missing one is allowed.
   */
  replace(
    record: SourceRecord,
    expectedVersion: number,
    ledger: readonly LedgerEntry[],
    findings?: FindingChanges,
  ): Promise<boolean>

  /** Oldest entry first. */
  ledger(
    name: string,
    query: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<LedgerEntry>>

  /** Ordered by code, then by subject. With `code`, only findings with that code. */
  findings(
    name: string,
    query: {
      readonly limit: number
      readonly cursor?: string | undefined
      readonly code?: string | undefined
    },
  ): Promise<Page<StoredFinding>>
}
