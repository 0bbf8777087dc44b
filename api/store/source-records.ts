import type { FindingDocument } from '../contract/registry-api.ts'
import type { Json } from '../contract/version.ts'
import type { Timestamp } from './records.ts'

export type StoredFinding = FindingDocument
export type FindingKey = Pick<StoredFinding, 'code' | 'subject'>

/** Changes to a source's findings. */
export interface FindingChanges {
  readonly put: readonly StoredFinding[]
  readonly remove: readonly FindingKey[]
}

/** Who made the registry forget a source, and when. Its ledger stays. */
export interface Forgotten {
  readonly at: Timestamp
  readonly actor: string
  readonly reason: string | null
  readonly deleted: boolean
}

export interface SourceLease {
  readonly holder: string
  readonly token: number
  /** Milliseconds since the epoch, by the registry's clock. */
  readonly expiresAt: number
}

/** The controller's record of a source. */
export interface SourceRecord {
  readonly name: string
  /** Counts every write of this record. The store compares it. */
  readonly version: number
  /** Counts the writes of `state`. The controller compares it. */
  readonly revision: number
  readonly state: Readonly<Record<string, Json>> | null
  /** Grows with each request for a full pass. */
  readonly attention: number
  /** Grows with each statement that is posted about a prompt of the source. Absent before the first, and on AWS. */
  readonly evidence?: number
  readonly ledgerLength: number
  /** Grows with each lease, and is kept between leases. */
  readonly leaseToken: number
  readonly lease: SourceLease | null
  readonly forgotten: Forgotten | null
  readonly updatedAt: Timestamp | null
}
