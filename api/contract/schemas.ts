import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { FORMATS } from './reading/format.ts'
import { STATUSES } from './version.ts'

/**
 * The documents of the HTTP API. The same schemas validate requests and produce `/openapi.json`. Operations check
 * the rules that need their own message (ids, names, sizes). Requests are strict, so that a misspelt `overide` is
 * refused instead of dropped. Responses are open, so that fields can be added.
 */

const nonEmpty = z.string().min(1)
const note = z.string().max(2000)
const oid = z.string().max(64)
const short = z.string().max(1024)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')

export const promptIdField = nonEmpty.meta({
  description: 'Prompt id, such as `support/triage`.',
  example: 'support/triage',
})
const versionField = nonEmpty.meta({ description: 'A label or an alias.', example: '1.3.0' })
const timestamp = z.string().meta({ description: 'ISO 8601, UTC.', example: '2026-01-31T12:00:00.000Z' })
const revision = z.int().meta({ description: 'Counts the events of a prompt.' })
const applied = z.boolean().meta({ description: 'false: nothing changed, so nothing was written.' })
const identity = z.string().meta({
  description:
    'Identifies the version by its content. 64 hex digits: the SHA-256 of its file, unless the layout adds metadata.',
})
const fileSha256 = z
  .string()
  .nullable()
  .meta({ description: 'SHA-256 of the file, as `sha256sum` prints it; null for a version without a file.' })
const format = z.enum(FORMATS).meta({ description: 'How the file is read.' })
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
export const Origin = z.object(originFields).meta({ id: 'Origin', description: 'The origin of a version.' })
const pushedOrigin = z
  .strictObject(originFields)
  .meta({ id: 'PushedOrigin', description: 'The origin of a version.' })

const asSource = {
  override: z
    .boolean()
    .optional()
    .meta({ description: 'Admin only: write to a prompt that a source owns. Freezes the prompt.' }),
  lease_token: z
    .int()
    .nonnegative()
    .optional()
    .meta({ description: 'The token of the lease held for the source.' }),
}

const tagList = z.array(z.string().min(1).max(LIMITS.tagCharacters)).max(LIMITS.tags)
export const Additions = z
  .strictObject({ description: z.string().optional(), tags: tagList.optional() })
  .meta({
    id: 'Additions',
    description: 'Metadata that the layout adds to a file that has none. Part of the identity.',
  })

/** The commit and signature behind a release. */
export const ReleaseTag = z
  .strictObject({
    tag: nonEmpty.max(1024),
    tag_object: oid.nullish(),
    commit: oid,
    tagger: short.nullish(),
    tagged_at: z.string().max(64).nullish(),
    signer: short.nullish(),
  })
  .meta({ id: 'ReleaseTag', description: 'The git tag of a release. Recorded in the events.' })

export const PushRequest = z
  .strictObject({
    prompt_id: promptIdField,
    content: z.string(),
    front_matter: z.string().optional().meta({
      description:
        'The exact text of the file before `content`; empty if there is none. If set, description, tags, variables and config are read from it and must not be sent as fields.',
    }),
    format: format.optional(),
    additions: Additions.optional(),
    version: versionField.optional(),
    variables: json.optional(),
    config: json.optional(),
    description: z.string().nullish(),
    tags: tagList.nullish(),
    latest: z.boolean().optional().meta({ description: 'false: do not move `latest`.' }),
    origin: pushedOrigin.optional(),
    reason: note.optional(),
    ...asSource,
  })
  .meta({ id: 'PushRequest' })

export const PushAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    identity,
    status: z.enum(STATUSES),
    created: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'PushAnswer' })

const expectedIdentity = digest
  .optional()
  .meta({ description: 'Refuse with `label_taken` if `version` names another version.' })
const promoteFields = {
  version: versionField,
  identity: expectedIdentity,
  alias: versionField.optional().meta({ description: 'The release, such as `1.3.0`.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
  expected_revision: z.int().nonnegative().optional(),
  ...asSource,
}
export const PromoteRequest = z.strictObject(promoteFields).meta({ id: 'PromoteRequest' })

export const PromoteAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.literal('stable'),
    changed: z.boolean().meta({ description: 'Whether another version was stable before.' }),
    applied,
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    revision,
  })
  .meta({ id: 'PromoteAnswer' })

const aliasFields = {
  alias: versionField,
  version: versionField,
  identity: expectedIdentity,
  waiting: z.boolean().optional().meta({
    description:
      'true: the release waits for a hold or a freeze to end; its version stays a draft until then.',
  }),
  counts: z.boolean().optional().meta({
    description:
      'Whether the version counts as released. Default: true, except for a pre-release without `waiting`.',
  }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
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
    applied,
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
  .object({ prompt_id: z.string(), archived: z.boolean(), changed: z.boolean(), applied, revision })
  .meta({ id: 'ArchiveAnswer' })

const retireFields = {
  release: versionField.meta({ description: 'The release that no longer has the prompt.' }),
  source: sourceName.optional(),
  reason: note.optional(),
  release_tag: ReleaseTag.optional(),
  ...asSource,
}
export const RetireAnswer = z
  .object({
    prompt_id: z.string(),
    release: z.string(),
    changed: z.boolean(),
    applied,
    previous: z.string().nullable().meta({ description: 'The version that was stable before.' }),
    revision,
  })
  .meta({ id: 'RetireAnswer' })

const healFields = {
  stable: z
    .strictObject({ version: versionField, identity: digest, release: versionField })
    .optional()
    .meta({ description: 'The version to make stable again, with one of its releases that counts.' }),
  latest: z
    .strictObject({ version: versionField, identity: digest })
    .optional()
    .meta({ description: 'The version on the branch, to make latest again.' }),
  source: sourceName,
  reason: note.optional(),
  lease_token: asSource.lease_token,
}
export const HealAnswer = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    latest: z.string().nullable(),
    changed: z.boolean(),
    applied,
    revision,
  })
  .meta({ id: 'HealAnswer' })

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
    above: z
      .string()
      .nullable()
      .meta({ description: 'The highest release known when the hold was set; only a higher one ends it.' }),
  })
  .meta({
    id: 'Hold',
    description:
      '`until_release` ends with a higher release, unless its content, variables and config were rolled back. `until_lifted` is a freeze.',
  })

export const RollbackAnswer = PromoteAnswer.extend({ hold: Hold.nullable() }).meta({ id: 'RollbackAnswer' })

export const REVOCATION_SCOPES = ['content', 'version'] as const
export const RevokeRequest = z
  .strictObject({
    version: versionField,
    scope: z.enum(REVOCATION_SCOPES).default('content').meta({
      description:
        '`content`: every version with this content, even if pushed again. `version`: only this version, for example because of a wrong setting.',
    }),
    reason: note.optional(),
    expected_revision: z.int().nonnegative().optional(),
    dry_run: z
      .boolean()
      .optional()
      .meta({ description: 'true: dry run. Return the result without changing anything.' }),
  })
  .meta({ id: 'RevokeRequest' })

export const RevokeAnswer = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    status: z.literal('revoked'),
    changed: z.boolean(),
    scope: z.enum(REVOCATION_SCOPES),
    revoked: z
      .array(z.string())
      .meta({ description: 'The labels of all versions that the revocation covers.' }),
    stable: z.string().nullable().meta({ description: 'The version that is stable afterwards.' }),
    revision,
  })
  .meta({ id: 'RevokeAnswer' })

export const HoldRequest = z.strictObject({ reason: note.optional() }).meta({ id: 'HoldRequest' })
export const HoldAnswer = z
  .object({ prompt_id: z.string(), hold: Hold.nullable(), changed: z.boolean(), revision })
  .meta({ id: 'HoldAnswer' })

export const OwnerRequest = z
  .strictObject({
    source: sourceName.nullable().meta({ description: '`null` removes the owner.' }),
    create: z.boolean().optional().meta({ description: 'Accept a source that does not exist yet.' }),
    reason: note.optional(),
  })
  .meta({ id: 'OwnerRequest' })
export const OwnerAnswer = z
  .object({ prompt_id: z.string(), source: z.string().nullable(), changed: z.boolean(), revision })
  .meta({ id: 'OwnerAnswer' })

export const ErrorBody = z
  .object({
    error: z.string().meta({ description: 'What happened, then what to do.' }),
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
            description: 'Marks a prompt as missing from its source. It is still served.',
          }),
          z.strictObject({ op: z.literal('retire'), prompt_id: promptIdField, ...retireFields }).meta({
            id: 'BatchRetire',
            description: 'Removes the stable version of a prompt as of this release.',
          }),
          z.strictObject({ op: z.literal('heal'), prompt_id: promptIdField, ...healFields }).meta({
            id: 'BatchHeal',
            description: 'Restores stable or latest from git after a manual change.',
          }),
        ]),
      )
      .min(1)
      .max(LIMITS.batch),
  })
  .meta({
    id: 'BatchRequest',
    description: 'Operations on one prompt run in order. Each succeeds or fails on its own.',
  })

export const BatchOutcome = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      status: z.int(),
      result: z.union([PushAnswer, AliasAnswer, PromoteAnswer, ArchiveAnswer, RetireAnswer, HealAnswer]),
    }),
    ErrorBody.extend({ ok: z.literal(false), status: z.int() }),
  ])
  .meta({ id: 'BatchOutcome' })
export const BatchAnswer = z
  .object({ outcomes: z.array(BatchOutcome).meta({ description: 'In the order of the operations.' }) })
  .meta({ id: 'BatchAnswer' })

export const SET_BY = ['source', 'person', 'rollback', 'revocation', 'seed'] as const
const setBy = z.enum(SET_BY).nullable()

export const PromptRow = z
  .object({
    prompt_id: z.string(),
    stable: z.string().nullable(),
    stable_release: z.string().nullable().meta({ description: 'The highest release of the stable version.' }),
    stable_identity: z.string().nullable(),
    stable_payload_sha256: z
      .string()
      .nullable()
      .meta({ description: 'Hash of the payload: content, variables and config.' }),
    stable_by: setBy.meta({ description: 'Who made it stable.' }),
    latest: z.string().nullable(),
    latest_status: z.enum(STATUSES).nullable(),
    latest_identity: z.string().nullable(),
    latest_by: setBy.meta({ description: 'Who made it the latest.' }),
    highest_release: z.string().nullable(),
    highest_identity: z.string().nullable().meta({ description: 'The version of the highest release.' }),
    rolled_back: z
      .array(z.object({ version: z.string(), payload_sha256: z.string() }))
      .meta({ description: 'Versions that were rolled back and not promoted since.' }),
    source: z.string().nullable(),
    hold: Hold.nullable(),
    archived: z.boolean().meta({ description: 'true: the source no longer has it.' }),
    deleted: z.boolean().meta({ description: 'true: deleted with its source; reads return `gone`.' }),
    retired: z
      .string()
      .nullable()
      .meta({ description: 'The release that removed the prompt. Nothing is stable since then.' }),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    revision,
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
  })
  .meta({
    id: 'PromptRow',
    description: 'Description and tags are those of the latest version, else of the stable one.',
  })

export const ListAnswer = z
  .object({
    prompts: z.array(PromptRow),
    next_cursor: z.string().nullable(),
    unreadable: z
      .array(z.object({ row: z.string(), problem: z.string() }))
      .optional()
      .meta({ description: 'Rows of another writer that cannot be read.' }),
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

export const ResolveQuery = z.object({
  version: z.string().optional(),
  mode: z.string().optional(),
  front_matter: z.enum(['true', 'false']).optional().meta({
    description: 'true: the answer has `front_matter`, so that the whole file can be put together.',
  }),
})

export const ResolvedPrompt = z
  .object({
    prompt_id: z.string(),
    version: z.string(),
    release: z
      .string()
      .nullable()
      .meta({ description: 'The highest release of this version, such as `1.3.0`.' }),
    status: z.enum(STATUSES),
    content: z.string(),
    content_sha256: z.string(),
    identity,
    file_sha256: fileSha256,
    format,
    source: z.string().nullable().meta({ description: 'The source that owns the prompt.' }),
    archived: z.boolean().meta({ description: 'true: the source no longer has the prompt.' }),
    variables: json.nullable(),
    config: json.nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    aliases: z.array(z.string()).meta({ description: 'The newest 20, newest first.' }),
    origin: Origin.nullable(),
    created_at: timestamp.nullable(),
    released_at: timestamp.nullable(),
    revision,
    immutable: z.boolean().meta({
      description:
        'true: this reference always answers with the same content. It can still be revoked. false without a pin, and for seeded prompts before their adoption.',
    }),
    front_matter: z.string().nullable().optional().meta({
      description:
        'If requested: the text before the content in its file, unchanged; null for a version without a file.',
    }),
  })
  .meta({ id: 'ResolvedPrompt' })

const etag = z.string().max(128).meta({ description: 'The `ETag` of `GET /prompts/{ref}`.' })

export const ResolveManyRequest = z
  .strictObject({
    references: z.array(nonEmpty).min(1).max(LIMITS.references),
    mode: z.string().optional(),
    known: z
      .record(z.string(), etag)
      .optional()
      .meta({ description: 'The entity tag of the response that the caller already has, by reference.' }),
  })
  .meta({ id: 'ResolveManyRequest' })
export const ResolveManyAnswer = z
  .object({
    results: z.array(
      z.union([
        z.object({ reference: z.string(), etag, prompt: ResolvedPrompt }),
        z
          .object({ reference: z.string(), etag, unchanged: z.literal(true) })
          .meta({ id: 'UnchangedPrompt', description: 'The response is still the one in `known`.' }),
        ErrorBody.extend({ reference: z.string() }),
      ]),
    ),
  })
  .meta({ id: 'ResolveManyAnswer' })

export const VersionRow = z
  .object({
    version: z.string(),
    release: z.string().nullable(),
    status: z.enum(STATUSES),
    waiting: z
      .array(z.string())
      .meta({ description: 'Releases of this version that wait for a hold or a freeze to end.' }),
    aliases: z.array(z.string()),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    content_sha256: z
      .string()
      .nullable()
      .meta({ description: 'null: the content is missing from the store.' }),
    identity: identity.nullable(),
    file_sha256: fileSha256,
    format,
    origin: Origin.nullable(),
    created_at: timestamp.nullable(),
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
    diff: z.string().meta({ description: 'Unified diff; empty if the versions are equal.' }),
  })
  .meta({ id: 'DiffAnswer' })

export const EVENT_TYPES = [
  'owner_changed',
  'version_pushed',
  'version_restored',
  'latest_moved',
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
  'healed',
  'deleted',
] as const
export const Event = z
  .object({
    id: z.string(),
    prompt_id: z.string(),
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

export const FeedAnswer = z
  .object({
    events: z.array(Event),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Cursor for later events; null only if there are no events yet.' }),
    more: z.boolean().meta({ description: 'true: more events follow this page.' }),
  })
  .meta({ id: 'FeedAnswer' })

export const LookupRequest = z
  .strictObject({
    prompts: z
      .array(
        z.strictObject({
          prompt_id: promptIdField,
          names: z.array(nonEmpty).max(LIMITS.lookupKeys).optional(),
          identities: z.array(digest).max(LIMITS.lookupKeys).optional(),
          contents: z
            .array(digest)
            .max(LIMITS.lookupKeys)
            .optional()
            .meta({ description: 'SHA-256 of contents, to check which are revoked.' }),
        }),
      )
      .min(1)
      .max(LIMITS.batch),
  })
  .meta({ id: 'LookupRequest' })
export const FoundVersion = z
  .object({ version: z.string(), identity, status: z.enum(STATUSES), waiting: z.array(z.string()) })
  .meta({ id: 'FoundVersion' })
export const LookedUpPrompt = z
  .object({
    prompt_id: z.string(),
    prompt: PromptRow.nullable().meta({ description: 'null: no prompt has this id.' }),
    names: z
      .record(z.string(), FoundVersion)
      .meta({ description: 'Keyed by the requested name. Unknown names are omitted.' }),
    versions: z.array(FoundVersion).meta({ description: 'Versions with one of the requested identities.' }),
    revoked_contents: z.array(z.string()),
    problem: ErrorBody.nullable().meta({ description: 'Why the lookup of this prompt failed.' }),
  })
  .meta({ id: 'LookedUpPrompt' })
export const LookupAnswer = z
  .object({ prompts: z.array(LookedUpPrompt).meta({ description: 'In the order of the request.' }) })
  .meta({ id: 'LookupAnswer' })

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
      .meta({ description: 'The latest observations and actions of the controller.' }),
    attention: z.int().meta({ description: 'Grows when a lifted hold or a new owner requires a full pass.' }),
    ledger_length: z.int(),
    lease: Lease.nullable(),
    forgotten: z
      .object({ at: timestamp, actor: z.string(), reason: z.string().nullable(), deleted: z.boolean() })
      .nullable()
      .meta({ description: 'Who removed the source, and when. Its ledger and tombstones stay.' }),
    updated_at: timestamp.nullable(),
  })
  .meta({ id: 'Source' })
export const SourcesAnswer = z
  .object({ sources: z.array(SourceDocument), next_cursor: z.string().nullable() })
  .meta({ id: 'SourcesAnswer' })

export const FINDING_SUBJECTS = ['file', 'tag', 'prompt', 'directory', 'repository', 'row', 'source'] as const
export const Finding = z
  .strictObject({
    code: nonEmpty.max(64),
    subject: z.strictObject({ kind: z.enum(FINDING_SUBJECTS), name: z.string().max(LIMITS.findingSubject) }),
    message: z.string().max(LIMITS.findingMessage).meta({ description: 'What happened, then what to do.' }),
    cause: z
      .string()
      .max(LIMITS.findingMessage)
      .nullable()
      .optional()
      .meta({ description: 'The output of another program, on one line, without secrets.' }),
    first_seen: z.string().max(64),
    details: z.record(z.string(), json).nullable().optional(),
  })
  .meta({ id: 'Finding', description: 'Lasts as long as its cause.' })
const findingKey = Finding.pick({ code: true, subject: true })

export const FindingsQuery = PageQuery.extend({ code: z.string().max(64).optional() })
export const FindingsAnswer = z
  .object({ name: z.string(), findings: z.array(Finding), next_cursor: z.string().nullable() })
  .meta({ id: 'FindingsAnswer' })

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
    reason: note.optional(),
    limit: z.int().min(1).max(LIMITS.page).default(LIMITS.defaultPage).meta({
      description: 'Maximum number of prompts in this request. Repeat it while `remaining` is true.',
    }),
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

export const HealthAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
