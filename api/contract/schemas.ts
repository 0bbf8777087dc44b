import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { STATUSES } from './version.ts'

/**
 * The documents of the wire. What validates a request is what `/openapi.json` shows. Rules that need a sentence
 * of their own (ids, names, sizes) are checked behind these, by the operations. Requests are strict: a misspelt
 * `overide` must be refused and not dropped. Answers are open, so that they can gain fields.
 */

const nonEmpty = z.string().min(1)
const note = z.string().max(2000)
const oid = z.string().max(64)
const short = z.string().max(1024)

export const promptIdField = nonEmpty.meta({
  description: 'Prompt id, such as `support/triage`.',
  example: 'support/triage',
})
const versionField = nonEmpty.meta({ description: 'A label or an alias.', example: '1.3.0' })
const timestamp = z.string().meta({ description: 'ISO 8601, UTC.', example: '2026-01-31T12:00:00.000Z' })
const revision = z.int().meta({ description: 'Counts the events of a prompt.' })
const json = z.json().meta({ id: 'Json', description: 'Any JSON value.' })
const sourceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'A source name has 1 to 64 letters, digits, ".", "_" or "-".')

const originFields = {
  source: sourceName.optional(),
  repository: short.optional(),
  commit: oid.optional(),
  path: short.optional(),
  blob: oid.optional(),
  author: short.optional(),
  committed_at: z.string().max(64).optional(),
}
export const Origin = z
  .object(originFields)
  .meta({ id: 'Origin', description: 'Where a version comes from.' })
const pushedOrigin = z
  .strictObject(originFields)
  .meta({ id: 'PushedOrigin', description: 'Where a version comes from.' })

const asSource = {
  override: z
    .boolean()
    .optional()
    .meta({ description: 'Admin only: act on a prompt that a source owns. Freezes it.' }),
  lease_token: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'The token of the lease held for the source.' }),
}

export const PushRequest = z
  .strictObject({
    prompt_id: promptIdField,
    content: z.string(),
    version: versionField.optional(),
    variables: json.optional(),
    config: json.optional(),
    description: z.string().nullish(),
    tags: z.array(z.string().min(1).max(LIMITS.tagCharacters)).max(LIMITS.tags).nullish(),
    latest: z
      .boolean()
      .optional()
      .meta({ description: 'false leaves `latest`, and what is there already, as it is.' }),
    origin: pushedOrigin.optional(),
    reason: note.optional(),
    ...asSource,
  })
  .meta({ id: 'PushRequest' })

export const PushAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.enum(STATUSES),
    created: z.boolean(),
    revision,
  })
  .meta({ id: 'PushAnswer' })

const promoteFields = {
  version: versionField,
  alias: versionField.optional().meta({ description: 'The release, such as `1.3.0`.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  expected_revision: z.int().nonnegative().optional(),
  ...asSource,
}
export const PromoteRequest = z.strictObject(promoteFields).meta({ id: 'PromoteRequest' })

export const PromoteAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.literal('stable'),
    changed: z.boolean(),
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    revision,
  })
  .meta({ id: 'PromoteAnswer' })

const aliasFields = {
  alias: versionField,
  version: versionField,
  source: sourceName.optional(),
  reason: note.optional(),
  ...asSource,
}
export const AliasRequest = z.strictObject(aliasFields).meta({ id: 'AliasRequest' })

export const AliasAnswer = z
  .object({
    prompt_id: z.string(),
    alias: z.string(),
    version: z.string(),
    status: z.enum(STATUSES),
    changed: z.boolean(),
    revision,
  })
  .meta({ id: 'AliasAnswer' })

const archiveFields = {
  archived: z.boolean(),
  source: sourceName.optional(),
  reason: note.optional(),
  ...asSource,
}
export const ArchiveAnswer = z
  .object({ prompt_id: z.string(), archived: z.boolean(), changed: z.boolean(), revision })
  .meta({ id: 'ArchiveAnswer' })

const retireFields = {
  release: versionField.meta({ description: 'The release that no longer has the prompt.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  ...asSource,
}
export const RetireAnswer = z
  .object({
    prompt_id: z.string(),
    release: z.string(),
    changed: z.boolean(),
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    revision,
  })
  .meta({ id: 'RetireAnswer' })

export const HoldKind = z.enum(['until_release', 'until_lifted'])

export const RollbackRequest = z
  .strictObject({
    version: versionField.optional(),
    reason: note.optional(),
    hold: z.enum([...HoldKind.options, 'none']).default('until_release'),
    expected_revision: z.int().nonnegative().optional(),
  })
  .meta({ id: 'RollbackRequest' })

export const Hold = z
  .object({
    kind: HoldKind,
    since: timestamp,
    actor: z.string(),
    reason: z.string().nullable(),
    rolled_back_from: z.string().nullable(),
  })
  .meta({
    id: 'Hold',
    description: '`until_release` ends with the next release of other text; `until_lifted` is a freeze.',
  })

export const RollbackAnswer = PromoteAnswer.extend({ hold: Hold.nullable() }).meta({ id: 'RollbackAnswer' })

export const RevokeRequest = z
  .strictObject({
    version: versionField,
    reason: note.optional(),
    expected_revision: z.int().nonnegative().optional(),
  })
  .meta({ id: 'RevokeRequest' })

export const RevokeAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.literal('revoked'),
    changed: z.boolean(),
    revoked: z.array(z.string()).meta({ description: 'Every label of the revoked text.' }),
    stable: z.string().nullable().meta({ description: 'The version that is stable now.' }),
    revision,
  })
  .meta({ id: 'RevokeAnswer' })

export const HoldRequest = z.strictObject({ reason: note.optional() }).meta({ id: 'HoldRequest' })
export const HoldAnswer = z
  .object({ prompt_id: z.string(), hold: Hold.nullable(), changed: z.boolean(), revision })
  .meta({ id: 'HoldAnswer' })

export const OwnerRequest = z
  .strictObject({ source: sourceName.nullable(), reason: note.optional() })
  .meta({ id: 'OwnerRequest', description: '`source: null` leaves the prompt without an owner.' })
export const OwnerAnswer = z
  .object({ prompt_id: z.string(), source: z.string().nullable(), changed: z.boolean(), revision })
  .meta({ id: 'OwnerAnswer' })

export const ErrorBody = z
  .object({
    error: z.string().meta({ description: 'A sentence with the next move.' }),
    code: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' })

export const BatchRequest = z
  .strictObject({
    operations: z
      .array(
        z.discriminatedUnion('op', [
          PushRequest.extend({ op: z.literal('push') }).meta({ id: 'BatchPush' }),
          z
            .strictObject({ op: z.literal('alias'), prompt_id: promptIdField, ...aliasFields })
            .meta({ id: 'BatchAlias' }),
          z
            .strictObject({ op: z.literal('promote'), prompt_id: promptIdField, ...promoteFields })
            .meta({ id: 'BatchPromote' }),
          z.strictObject({ op: z.literal('archive'), prompt_id: promptIdField, ...archiveFields }).meta({
            id: 'BatchArchive',
            description: 'Lists a prompt as one that its source no longer has; it is served as before.',
          }),
          z.strictObject({ op: z.literal('retire'), prompt_id: promptIdField, ...retireFields }).meta({
            id: 'BatchRetire',
            description: 'Leaves a prompt without a stable version from this release on.',
          }),
        ]),
      )
      .min(1)
      .max(LIMITS.batch),
  })
  .meta({
    id: 'BatchRequest',
    description: 'Operations on one prompt run in the order given; each stands on its own.',
  })

export const BatchOutcome = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      status: z.int(),
      result: z.union([PushAnswer, AliasAnswer, PromoteAnswer, ArchiveAnswer, RetireAnswer]),
    }),
    ErrorBody.extend({ ok: z.literal(false), status: z.int() }),
  ])
  .meta({ id: 'BatchOutcome' })
export const BatchAnswer = z
  .object({ outcomes: z.array(BatchOutcome).meta({ description: 'In the order of the operations.' }) })
  .meta({ id: 'BatchAnswer' })

export const PromptRow = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    latest: z.string().nullable(),
    latest_status: z.enum(STATUSES).nullable(),
    highest_release: z.string().nullable(),
    source: z.string().nullable(),
    hold: Hold.nullable(),
    archived: z.boolean().meta({ description: 'true: the source no longer has it.' }),
    retired: z
      .string()
      .nullable()
      .meta({ description: 'The release that no longer had it, since when nothing is stable.' }),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    revision,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({
    id: 'PromptRow',
    description: 'Description and tags are those of the latest version, else of the stable one.',
  })

export const ListAnswer = z
  .object({
    prompts: z.array(PromptRow),
    next_cursor: z.string().nullable(),
    unadopted: z
      .boolean()
      .optional()
      .meta({ description: 'true: seeded prompts outside the catalog may exist.' }),
  })
  .meta({ id: 'ListAnswer' })

const limit = z.coerce.number().int().min(1).max(LIMITS.page).default(LIMITS.defaultPage)
const cursor = z.string().min(1).max(1024).optional()
export const PageQuery = z.object({ limit, cursor })
export const ListQuery = PageQuery.extend({
  prefix: z.string().max(LIMITS.promptIdCharacters).optional(),
  source: sourceName.optional(),
  status: z
    .enum(STATUSES)
    .optional()
    .meta({ description: 'Prompts whose stable or latest version has this status.' }),
})

export const ResolveQuery = z.object({ version: z.string().optional(), mode: z.string().optional() })

export const ResolvedPrompt = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.enum(STATUSES),
    content: z.string(),
    content_sha256: z.string(),
    variables: json.nullable(),
    config: json.nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    aliases: z.array(z.string()).meta({ description: 'The newest 20, newest first.' }),
    origin: Origin.nullable(),
    created_at: timestamp,
    released_at: timestamp.nullable(),
    revision,
  })
  .meta({ id: 'ResolvedPrompt' })

export const ResolveManyRequest = z
  .strictObject({
    references: z.array(nonEmpty).min(1).max(LIMITS.references),
    mode: z.string().optional(),
  })
  .meta({ id: 'ResolveManyRequest' })
export const ResolveManyAnswer = z
  .object({
    results: z.array(
      z.union([
        z.object({ reference: z.string(), prompt: ResolvedPrompt }),
        ErrorBody.extend({ reference: z.string() }),
      ]),
    ),
  })
  .meta({ id: 'ResolveManyAnswer' })

export const VersionRow = z
  .object({
    version: z.string(),
    status: z.enum(STATUSES),
    aliases: z.array(z.string()),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    content_sha256: z.string(),
    origin: Origin.nullable(),
    created_at: timestamp,
    released_at: timestamp.nullable(),
  })
  .meta({ id: 'VersionRow' })
export const VersionsAnswer = z
  .object({ prompt_id: z.string(), versions: z.array(VersionRow), next_cursor: z.string().nullable() })
  .meta({ id: 'VersionsAnswer' })

export const DiffQuery = z.object({ v1: z.string().optional(), v2: z.string().optional() })
export const DiffAnswer = z
  .object({
    prompt_id: z.string(),
    v1: z.string(),
    v2: z.string(),
    diff: z.string().meta({ description: 'Unified diff; empty where the texts are equal.' }),
  })
  .meta({ id: 'DiffAnswer' })

export const EVENT_TYPES = [
  'owner_changed',
  'version_pushed',
  'latest_moved',
  'metadata_updated',
  'alias_added',
  'promoted',
  'release_raised',
  'rolled_back',
  'revoked',
  'held',
  'hold_lifted',
  'archived',
  'unarchived',
  'retired',
] as const
export const Event = z
  .object({
    id: z.string(),
    sequence: z.int().meta({ description: 'Counts from 1 on each prompt, without gaps.' }),
    type: z.enum(EVENT_TYPES),
    at: timestamp,
    actor: z.string(),
    reason: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    details: z.record(z.string(), json).nullable(),
  })
  .meta({ id: 'Event' })
export const EventsAnswer = z
  .object({ prompt_id: z.string(), events: z.array(Event), next_cursor: z.string().nullable() })
  .meta({ id: 'EventsAnswer' })

export const Lease = z
  .object({ holder: z.string(), token: z.int(), expires_at: timestamp })
  .meta({ id: 'Lease' })

export const SourceDocument = z
  .object({
    name: sourceName,
    revision: z.int().meta({ description: 'Counts the writes of `state`; 0 before the first.' }),
    state: z
      .record(z.string(), json)
      .nullable()
      .meta({ description: 'What the controller observed and did.' }),
    attention: z.int().meta({ description: 'Grows when a lifted hold or a new owner asks for a full pass.' }),
    ledger_length: z.int(),
    lease: Lease.nullable(),
    updated_at: timestamp.nullable(),
  })
  .meta({ id: 'Source' })
export const SourcesAnswer = z
  .object({ sources: z.array(SourceDocument), next_cursor: z.string().nullable() })
  .meta({ id: 'SourcesAnswer' })

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
      .meta({ description: 'Entries to append; a tag that is there already is refused.' }),
    lease_token: z.int().nonnegative().optional(),
  })
  .meta({ id: 'SourceRecordRequest' })
export const SourceRecordAnswer = z
  .object({ name: z.string(), revision: z.int(), ledger_length: z.int() })
  .meta({ id: 'SourceRecordAnswer' })
export const LedgerAnswer = z
  .object({ name: z.string(), ledger: z.array(LedgerEntry), next_cursor: z.string().nullable() })
  .meta({ id: 'LedgerAnswer' })

export const LeaseRequest = z
  .strictObject({
    holder: nonEmpty
      .max(256)
      .meta({ description: 'Names the writer; the same holder takes its own lease over at once.' }),
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

export const HealthAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
