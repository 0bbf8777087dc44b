import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { Finding } from './findings.ts'
import { SourceHold } from './sets.ts'
import { confirmsUse, dryRun, json, nonEmpty, note, oid, sourceName, timestamp } from './shared.ts'

export const Lease = z
  .object({ holder: z.string(), token: z.int(), expires_at: timestamp })
  .meta({ id: 'Lease' })

export const SourceDocument = z
  .object({
    name: sourceName,
    revision: z.int().meta({ description: 'Counts the writes of `state`; 0 before the first.' }),
    state: z.record(z.string(), json).nullable().meta({
      description:
        'The latest observations and actions of the controller. `null` before the first, after the source was forgotten, and for a reader who may see no drafts: then `revision` is above 0 and `forgotten` is `null`.',
    }),
    attention: z.int().meta({ description: 'Grows when a lifted hold or a new owner requires a full pass.' }),
    ledger_length: z.int(),
    lease: Lease.nullable(),
    forgotten: z
      .object({ at: timestamp, actor: z.string(), reason: z.string().nullable(), deleted: z.boolean() })
      .nullable()
      .meta({ description: 'Who removed the source, and when. Its ledger and tombstones stay.' }),
    updated_at: timestamp.nullable(),
    settling: z.boolean().optional().meta({
      description:
        'true: the source was rolled back, and its prompts do not all follow yet. Absent in lists.',
    }),
    evidence: z.int().optional().meta({
      description:
        'Grows with each statement that is posted about a prompt of the source. Absent before the first.',
    }),
    hold: SourceHold.nullable().optional().meta({ description: 'Absent in lists.' }),
  })
  .meta({ id: 'Source' })
export const SourcesAnswer = z
  .object({ sources: z.array(SourceDocument), next_cursor: z.string().nullable() })
  .meta({ id: 'SourcesAnswer' })

const findingKey = Finding.pick({ code: true, subject: true })

const ledgerFields = { tag: nonEmpty.max(1024), commit: oid.min(40) }
export const LedgerEntry = z
  .object(ledgerFields)
  .meta({ id: 'LedgerEntry', description: 'The commit at which a tag first counted.' })
export const SourceRecordRequest = z
  .strictObject({
    expected_revision: z.int().nonnegative(),
    state: z.record(z.string(), json),
    ledger: z
      .array(z.strictObject(ledgerFields))
      .max(LIMITS.page)
      .optional()
      .meta({ description: 'Entries to append. A tag that the ledger already has is refused.' }),
    findings: z
      .strictObject({
        put: z.array(Finding).max(LIMITS.page).optional(),
        remove: z.array(findingKey).max(LIMITS.page).optional(),
      })
      .optional()
      .meta({ description: 'Findings to add or replace, and to remove, by code and subject.' }),
    lease_token: z.int().nonnegative().optional(),
  })
  .meta({ id: 'SourceRecordRequest' })
export const SourceRecordAnswer = z
  .object({ name: z.string(), revision: z.int(), ledger_length: z.int() })
  .meta({ id: 'SourceRecordAnswer' })
export const LedgerAnswer = z
  .object({ name: z.string(), ledger: z.array(LedgerEntry), next_cursor: z.string().nullable() })
  .meta({ id: 'LedgerAnswer' })

export const ForgetRequest = z
  .strictObject({
    delete: z
      .boolean()
      .default(false)
      .meta({ description: 'false: archive the prompts. true: delete them; reads return `gone`.' }),
    confirm: confirmsUse('deleted'),
    reason: note.optional(),
    limit: z.int().min(1).max(LIMITS.page).default(LIMITS.defaultPage).meta({
      description: 'Maximum number of prompts in this request. Repeat it while `remaining` is true.',
    }),
    dry_run: dryRun,
  })
  .meta({ id: 'ForgetRequest' })
export const ForgetAnswer = z
  .object({ name: z.string(), prompts: z.array(z.string()), remaining: z.boolean() })
  .meta({ id: 'ForgetAnswer' })

export const LeaseRequest = z
  .strictObject({
    holder: nonEmpty
      .max(256)
      .meta({ description: 'Names the writer. The same holder can take over its own lease at once.' }),
    ttl_seconds: z.int().min(1).max(900).default(60),
    token: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'Renews or releases the lease with this token.' }),
    release: z.boolean().optional(),
  })
  .meta({ id: 'LeaseRequest' })
export const LeaseAnswer = z.object({ name: z.string(), lease: Lease.nullable() }).meta({ id: 'LeaseAnswer' })
