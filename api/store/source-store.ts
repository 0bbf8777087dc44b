import type { LedgerEntry } from '../contract/registry-api.ts'
import type { Page } from './prompt-store.ts'
import type { SourceRecord } from './records.ts'

/**
 * Where the state of sources is kept. The callers are the operations on sources and leases.
 *
 * Promises of every adapter:
 * - Reads are strongly consistent.
 * - `get` costs the same however long the ledger is.
 * - A ledger entry, once there, never changes; a tag is in a source's ledger at most once.
 * - Failures are `RegistryError`: `busy` where trying again later helps, else `unavailable`.
 */
export interface SourceStore {
  get(name: string): Promise<SourceRecord | undefined>

  /** By name. */
  list(query: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<SourceRecord>>

  /**
   * Writes the record and appends to the ledger where the record is still at `expectedVersion` (0: not there),
   * and says whether it did. A tag that the ledger has already, or one that comes twice, makes it answer false and
   * write nothing.
   */
  replace(record: SourceRecord, expectedVersion: number, ledger: readonly LedgerEntry[]): Promise<boolean>

  /** In the order of appending. */
  ledger(
    name: string,
    query: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<LedgerEntry>>
}
