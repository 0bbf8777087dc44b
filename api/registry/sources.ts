import { RegistryError } from '../contract/errors.ts'
import type {
  LeaseAnswer,
  LeaseRequest,
  SourceRecordAnswer,
  SourceRecordRequest,
} from '../contract/registry-api.ts'
import type { Json } from '../contract/version.ts'
import type { Forgotten, SourceRecord } from '../store/source-records.ts'
import { leaseLost } from './authority.ts'
import { leaseDocument } from './documents.ts'

/** Decides changes of a source's record. Pure: `now` is in milliseconds since the epoch. */

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Throws `invalid_request`. */
export function checkedSourceName(name: string): string {
  if (NAME.test(name)) return name
  throw new RegistryError(
    'invalid_request',
    `"${name}" is not a source name; use 1 to 64 letters, digits, ".", "_" or "-", starting with a letter or digit.`,
  )
}

export function newSource(name: string): SourceRecord {
  return {
    name,
    version: 0,
    revision: 0,
    state: null,
    attention: 0,
    ledgerLength: 0,
    leaseToken: 0,
    lease: null,
    forgotten: null,
    updatedAt: null,
  }
}

/** The new record and the answer. The same record means that nothing changed. */
export interface SourceStep<A> {
  readonly record: SourceRecord
  readonly answer: A
}

/** Throws `revision_conflict`, `lease_held`, `lease_lost`. */
export function decideRecord(
  record: SourceRecord,
  request: SourceRecordRequest,
  now: number,
): SourceStep<SourceRecordAnswer> {
  refuseStaleWriter(record, request.lease_token, now)
  if (request.expected_revision !== record.revision) {
    throw new RegistryError(
      'revision_conflict',
      `The state of the source "${record.name}" is at revision ${record.revision}, not ${request.expected_revision}; read it again.`,
      {
        details: { revision: record.revision, expected_revision: request.expected_revision },
      },
    )
  }
  const next = {
    ...record,
    revision: record.revision + 1,
    state: request.state as Readonly<Record<string, Json>>,
    ledgerLength: record.ledgerLength + (request.ledger?.length ?? 0),
    forgotten: null,
    updatedAt: new Date(now).toISOString(),
  }
  return {
    record: next,
    answer: { name: next.name, revision: next.revision, ledger_length: next.ledgerLength },
  }
}

/** Forgets everything about a source except its ledger: a tag that counted once stays used. */
export function decideForget(record: SourceRecord, forgotten: Forgotten): SourceStep<undefined> {
  const next = { ...record, revision: record.revision + 1, state: null, lease: null, forgotten }
  return { record: { ...next, updatedAt: forgotten.at }, answer: undefined }
}

/**
 * Checks the lease token of a source's write: only the current one is valid. Without a token, a write succeeds
 * while nobody holds the lease. Throws `lease_held`, `lease_lost`.
 */
export function refuseStaleWriter(record: SourceRecord, token: number | undefined, now: number): void {
  const lease = liveLease(record, now)
  if (token === undefined) {
    if (lease !== null) throw leaseHeld(record.name, lease)
    return
  }
  if (lease === null || lease.token !== token) throw leaseLost(record.name)
}

/**
 * Takes, renews or releases a lease. A holder can take over its own lease at once. Throws `lease_held`,
 * `lease_lost`.
 */
export function decideLease(
  record: SourceRecord,
  request: LeaseRequest,
  now: number,
): SourceStep<LeaseAnswer> {
  const lease = liveLease(record, now)
  if (request.token !== undefined && lease?.token !== request.token) {
    if (request.release === true) return leased(record, now)
    throw leaseLost(record.name)
  }
  if (request.token === undefined && lease !== null && lease.holder !== request.holder)
    throw leaseHeld(record.name, lease)
  if (request.release === true) return leased({ ...record, lease: null }, now)
  const token = request.token ?? record.leaseToken + 1
  const expiresAt = now + (request.ttl_seconds ?? 60) * 1000
  return leased({ ...record, leaseToken: token, lease: { holder: request.holder, token, expiresAt } }, now)
}

function leased(record: SourceRecord, now: number): SourceStep<LeaseAnswer> {
  return { record, answer: { name: record.name, lease: leaseDocument(record, now) } }
}

function liveLease({ lease }: SourceRecord, now: number): SourceRecord['lease'] {
  return lease !== null && lease.expiresAt > now ? lease : null
}

function leaseHeld(name: string, lease: NonNullable<SourceRecord['lease']>): RegistryError {
  const expiresAt = new Date(lease.expiresAt).toISOString()
  return new RegistryError(
    'lease_held',
    `${lease.holder} holds the lease of the source "${name}" until ${expiresAt}; wait for it, or send its lease_token.`,
    {
      details: { source: name, holder: lease.holder, expires_at: expiresAt },
    },
  )
}
