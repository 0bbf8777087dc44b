import type { z } from 'zod'
import type * as schema from './schemas/index.ts'

type Input<S extends z.ZodType> = Readonly<z.input<S>>
type Output<S extends z.ZodType> = Readonly<z.output<S>>

export type PushRequest = Input<typeof schema.PushRequest>
export type PushAnswer = Output<typeof schema.PushAnswer>
export type PromoteRequest = Input<typeof schema.PromoteRequest>
export type PromoteAnswer = Output<typeof schema.PromoteAnswer>
export type AliasRequest = Input<typeof schema.AliasRequest>
export type AliasAnswer = Output<typeof schema.AliasAnswer>
export type ArchiveAnswer = Output<typeof schema.ArchiveAnswer>
export type RetireAnswer = Output<typeof schema.RetireAnswer>
export type RollbackRequest = Input<typeof schema.RollbackRequest>
export type RollbackAnswer = Output<typeof schema.RollbackAnswer>
export type RevokeRequest = Input<typeof schema.RevokeRequest>
export type RevokeAnswer = Output<typeof schema.RevokeAnswer>
export type HoldRequest = Input<typeof schema.HoldRequest>
export type HoldAnswer = Output<typeof schema.HoldAnswer>
export type HoldDocument = Output<typeof schema.Hold>
export type OwnerRequest = Input<typeof schema.OwnerRequest>
export type OwnerAnswer = Output<typeof schema.OwnerAnswer>
export type BatchRequest = Input<typeof schema.BatchRequest>
export type BatchOperation = BatchRequest['operations'][number]
export type ArchiveOperation = Extract<BatchOperation, { op: 'archive' }>
export type RetireOperation = Extract<BatchOperation, { op: 'retire' }>
export type HealOperation = Extract<BatchOperation, { op: 'heal' }>
export type HealAnswer = Output<typeof schema.HealAnswer>
export type SettleOperation = Extract<BatchOperation, { op: 'settle' }>
export type SettleAnswer = Output<typeof schema.SettleAnswer>
export type ReleaseTag = Output<typeof schema.ReleaseTag>
export type SetBy = (typeof schema.SET_BY)[number]
export type RevocationScope = (typeof schema.REVOCATION_SCOPES)[number]
export type LookupRequest = Input<typeof schema.LookupRequest>
export type LookupAnswer = Output<typeof schema.LookupAnswer>
export type LookedUpPrompt = Output<typeof schema.LookedUpPrompt>
export type FoundVersion = Output<typeof schema.FoundVersion>
export type FeedAnswer = Output<typeof schema.FeedAnswer>
export type FindingDocument = Output<typeof schema.Finding>
export type FindingSubjectKind = (typeof schema.FINDING_SUBJECTS)[number]
export type FindingsQuery = Partial<Output<typeof schema.FindingsQuery>>
export type FindingsAnswer = Output<typeof schema.FindingsAnswer>
export type ForgetRequest = Input<typeof schema.ForgetRequest>
export type ForgetAnswer = Output<typeof schema.ForgetAnswer>
export type BatchOutcome = Output<typeof schema.BatchOutcome>
export type BatchAnswer = Output<typeof schema.BatchAnswer>
export type ListQuery = Partial<Output<typeof schema.ListQuery>>
export type PromptRow = Output<typeof schema.PromptRow>
export type ListAnswer = Output<typeof schema.ListAnswer>
export type SummaryRow = Output<typeof schema.SummaryRow>
export type SummariesAnswer = Output<typeof schema.SummariesAnswer>
export type ResolveQuery = Input<typeof schema.ResolveQuery>
export type FolderFileQuery = Input<typeof schema.FolderFileQuery>
export type FolderFileAnswer = Output<typeof schema.FolderFileAnswer>
export type ResolvedPrompt = Output<typeof schema.ResolvedPrompt>
export type ResolveManyRequest = Input<typeof schema.ResolveManyRequest>
export type ResolveManyAnswer = Output<typeof schema.ResolveManyAnswer>
export type PageQuery = Partial<Output<typeof schema.PageQuery>>
export type VersionRow = Output<typeof schema.VersionRow>
export type VersionsAnswer = Output<typeof schema.VersionsAnswer>
export type DiffQuery = Input<typeof schema.DiffQuery>
export type DiffAnswer = Output<typeof schema.DiffAnswer>
export type AttestRequest = Input<typeof schema.AttestRequest>
export type AttestAnswer = Output<typeof schema.AttestAnswer>
export type EvidenceQuery = Input<typeof schema.EvidenceQuery>
export type EvidenceAnswer = Output<typeof schema.EvidenceAnswer>
export type EventType = (typeof schema.EVENT_TYPES)[number]
export type EventDocument = Output<typeof schema.Event>
export type ReadsQuery = Partial<Output<typeof schema.ReadsQuery>>
export type ReadsAnswer = Output<typeof schema.ReadsAnswer>
export type EventsAnswer = Output<typeof schema.EventsAnswer>
export type OriginDocument = Output<typeof schema.Origin>
export type LeaseDocument = Output<typeof schema.Lease>
export type LeaseRequest = Input<typeof schema.LeaseRequest>
export type LeaseAnswer = Output<typeof schema.LeaseAnswer>
export type LedgerEntry = Output<typeof schema.LedgerEntry>
export type LedgerAnswer = Output<typeof schema.LedgerAnswer>
export type SourceDocument = Output<typeof schema.SourceDocument>
export type SourcesAnswer = Output<typeof schema.SourcesAnswer>
export type SourceRecordRequest = Input<typeof schema.SourceRecordRequest>
export type SourceRecordAnswer = Output<typeof schema.SourceRecordAnswer>
export type SetAct = (typeof schema.SET_ACTS)[number]
export type CurrentSetQuery = Partial<Output<typeof schema.CurrentSetQuery>>
export type CurrentSet = Output<typeof schema.CurrentSet>
export type ReleaseSetDocument = Output<typeof schema.ReleaseSetDocument>
export type SetMovesAnswer = Output<typeof schema.SetMovesAnswer>
export type SetMoveDocument = SetMovesAnswer['moves'][number]
export type RollbackSourceRequest = Input<typeof schema.RollbackSourceRequest>
export type RollbackSourceAnswer = Output<typeof schema.RollbackSourceAnswer>
export type MoveSetRequest = Input<typeof schema.MoveSetRequest>
export type MoveSetAnswer = Output<typeof schema.MoveSetAnswer>
export type KeepSetRequest = Input<typeof schema.KeepSetRequest>
export type KeepSetAnswer = Output<typeof schema.KeepSetAnswer>
export type HealthAnswer = Output<typeof schema.HealthAnswer>

export interface ApiCallOptions {
  readonly signal?: AbortSignal
}

/**
 * The registry as its callers see it, one method per route. In the same process, the operations bound to a caller
 * (`Registry.as`) implement it; over a network, the client's `RegistryApi` does. Methods reject with
 * `RegistryError` if the registry refuses the request, and return the documents of `schemas/`.
 */
export interface RegistryApi {
  /** POST /prompts. Adds a version, always as a draft. */
  push(request: PushRequest, options?: ApiCallOptions): Promise<PushAnswer>
  /**
   * POST /batch. Runs up to 100 operations of sources independently and returns one outcome each, in order.
   * Archiving and retiring have no routes of their own, because a route word can no longer end a prompt id.
   */
  batch(request: BatchRequest, options?: ApiCallOptions): Promise<BatchAnswer>
  /** GET /prompts. Ordered by id. */
  list(query?: ListQuery, options?: ApiCallOptions): Promise<ListAnswer>
  /** GET /summaries. All prompts with fewer fields, for search and counts. Ordered by id. */
  summaries(query?: PageQuery, options?: ApiCallOptions): Promise<SummariesAnswer>
  /**
   * POST /lookup. Everything that a plan needs about up to 100 prompts: rows, names, versions, revoked contents.
   */
  lookup(request: LookupRequest, options?: ApiCallOptions): Promise<LookupAnswer>
  /** GET /prompts/{ref}. */
  resolve(reference: string, query?: ResolveQuery, options?: ApiCallOptions): Promise<ResolvedPrompt>
  /** GET /prompts/{ref}/files/{path}. Another file of the skill folder of a version. */
  folderFile(
    reference: string,
    path: string,
    query?: FolderFileQuery,
    options?: ApiCallOptions,
  ): Promise<FolderFileAnswer>
  /** POST /resolve. */
  resolveMany(request: ResolveManyRequest, options?: ApiCallOptions): Promise<ResolveManyAnswer>
  /** GET /prompts/{id}/versions. Newest first. */
  versions(id: string, query?: PageQuery, options?: ApiCallOptions): Promise<VersionsAnswer>
  /** GET /prompts/{id}/diff. */
  diff(id: string, query?: DiffQuery, options?: ApiCallOptions): Promise<DiffAnswer>
  /** POST /prompts/{id}/promote. */
  promote(id: string, request: PromoteRequest, options?: ApiCallOptions): Promise<PromoteAnswer>
  /** POST /prompts/{id}/aliases. Names an older release without promoting it. */
  addAlias(id: string, request: AliasRequest, options?: ApiCallOptions): Promise<AliasAnswer>
  /** POST /prompts/{id}/rollback. */
  rollback(id: string, request: RollbackRequest, options?: ApiCallOptions): Promise<RollbackAnswer>
  /** POST /prompts/{id}/revoke. */
  revoke(id: string, request: RevokeRequest, options?: ApiCallOptions): Promise<RevokeAnswer>
  /** POST /prompts/{id}/hold. Freezes the prompt until the hold is lifted. */
  hold(id: string, request: HoldRequest, options?: ApiCallOptions): Promise<HoldAnswer>
  /** DELETE /prompts/{id}/hold. */
  unhold(id: string, request: HoldRequest, options?: ApiCallOptions): Promise<HoldAnswer>
  /** POST /prompts/{id}/owner. Admin only. */
  transfer(id: string, request: OwnerRequest, options?: ApiCallOptions): Promise<OwnerAnswer>
  /**
   * POST /prompts/{id}/evidence. Stores a signed statement about a version; whether it counts is decided when a release
   * is promoted. `not_offered` on AWS.
   */
  attest(id: string, request: AttestRequest, options?: ApiCallOptions): Promise<AttestAnswer>
  /** GET /evidence. The statements about a prompt, newest first. `not_offered` on AWS. */
  evidence(query: EvidenceQuery, options?: ApiCallOptions): Promise<EvidenceAnswer>
  /** GET /prompts/{id}/events. Newest first. */
  events(id: string, query?: PageQuery, options?: ApiCallOptions): Promise<EventsAnswer>
  /** GET /reads. Who read a prompt, by version and application. */
  reads(id: string, query?: ReadsQuery, options?: ApiCallOptions): Promise<ReadsAnswer>
  /** GET /events. All events of all prompts, oldest first. At least once; in order per prompt. */
  feed(query?: PageQuery, options?: ApiCallOptions): Promise<FeedAnswer>
  /** GET /sources. Ordered by name. */
  sources(query?: PageQuery, options?: ApiCallOptions): Promise<SourcesAnswer>
  /** GET /sources/{name}. A source that was never written has revision 0. */
  source(name: string, options?: ApiCallOptions): Promise<SourceDocument>
  /** PUT /sources/{name}. Compare-and-set by revision. Appends to the ledger in the same transaction. */
  recordSource(
    name: string,
    request: SourceRecordRequest,
    options?: ApiCallOptions,
  ): Promise<SourceRecordAnswer>
  /** GET /sources/{name}/ledger. Oldest entry first. */
  ledger(name: string, query?: PageQuery, options?: ApiCallOptions): Promise<LedgerAnswer>
  /** GET /sources/{name}/findings. Ordered by code and subject. */
  findings(name: string, query?: FindingsQuery, options?: ApiCallOptions): Promise<FindingsAnswer>
  /** POST /sources/{name}/forget. Admin only. Archives or deletes the prompts of a source, some per call. */
  forget(name: string, request: ForgetRequest, options?: ApiCallOptions): Promise<ForgetAnswer>
  /** POST /sources/{name}/lease. Takes, renews or releases a lease. `lease_held` names the holder. */
  lease(name: string, request: LeaseRequest, options?: ApiCallOptions): Promise<LeaseAnswer>
  /** GET /sources/{name}/set. The set that a source serves now. `no_set` until a complete pass finds something to serve. */
  currentSet(name: string, query?: CurrentSetQuery, options?: ApiCallOptions): Promise<CurrentSet>
  /** GET /sources/{name}/sets. The moves of a source's pointer, newest first. */
  setMoves(name: string, query?: PageQuery, options?: ApiCallOptions): Promise<SetMovesAnswer>
  /** POST /sources/{name}/set. Moves the pointer to the stable versions of the source's prompts. */
  moveSet(name: string, request: MoveSetRequest, options?: ApiCallOptions): Promise<MoveSetAnswer>
  /** POST /sources/{name}/rollback. Moves the pointer to an earlier set; the prompts follow under the lease. */
  rollbackSource(
    name: string,
    request: RollbackSourceRequest,
    options?: ApiCallOptions,
  ): Promise<RollbackSourceAnswer>
  /** GET /sets/{digest}. */
  releaseSet(digest: string, options?: ApiCallOptions): Promise<ReleaseSetDocument>
  /** PUT /sets/{digest}/keep. Keeps a set for good, or no longer. */
  keepSet(digest: string, request: KeepSetRequest, options?: ApiCallOptions): Promise<KeepSetAnswer>
  /** GET /health. */
  health(options?: ApiCallOptions): Promise<HealthAnswer>
}
