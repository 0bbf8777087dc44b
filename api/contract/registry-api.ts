import type { z } from 'zod'
import type * as schema from './schemas.ts'

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
export type BatchOutcome = Output<typeof schema.BatchOutcome>
export type BatchAnswer = Output<typeof schema.BatchAnswer>
export type ListQuery = Partial<Output<typeof schema.ListQuery>>
export type PromptRow = Output<typeof schema.PromptRow>
export type ListAnswer = Output<typeof schema.ListAnswer>
export type ResolveQuery = Input<typeof schema.ResolveQuery>
export type ResolvedPrompt = Output<typeof schema.ResolvedPrompt>
export type ResolveManyRequest = Input<typeof schema.ResolveManyRequest>
export type ResolveManyAnswer = Output<typeof schema.ResolveManyAnswer>
export type PageQuery = Partial<Output<typeof schema.PageQuery>>
export type VersionRow = Output<typeof schema.VersionRow>
export type VersionsAnswer = Output<typeof schema.VersionsAnswer>
export type DiffQuery = Input<typeof schema.DiffQuery>
export type DiffAnswer = Output<typeof schema.DiffAnswer>
export type EventType = (typeof schema.EVENT_TYPES)[number]
export type EventDocument = Output<typeof schema.Event>
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
export type HealthAnswer = Output<typeof schema.HealthAnswer>

export interface CallOptions {
  readonly signal?: AbortSignal
}

/**
 * The registry as its callers see it, one method a route. In the process it is the operations bound to a caller
 * (`Registry.as`); over a wire it is the client's `RegistryApi`. Every method rejects with `RegistryError` where
 * the registry refuses, and gives the documents of `schemas.ts`.
 */
export interface RegistryApi {
  /** POST /prompts. A version, always a draft. */
  push(request: PushRequest, options?: CallOptions): Promise<PushAnswer>
  /**
   * POST /batch. Up to 100 operations of sources, each on its own; one outcome for each, in order. Archiving and
   * retiring prompts has no route of its own: its word would no longer be free as the end of a prompt id.
   */
  batch(request: BatchRequest, options?: CallOptions): Promise<BatchAnswer>
  /** GET /prompts. Ordered by id. */
  list(query?: ListQuery, options?: CallOptions): Promise<ListAnswer>
  /** GET /prompts/{ref}. */
  resolve(reference: string, query?: ResolveQuery, options?: CallOptions): Promise<ResolvedPrompt>
  /** POST /resolve. */
  resolveMany(request: ResolveManyRequest, options?: CallOptions): Promise<ResolveManyAnswer>
  /** GET /prompts/{id}/versions. Newest first. */
  versions(id: string, query?: PageQuery, options?: CallOptions): Promise<VersionsAnswer>
  /** GET /prompts/{id}/diff. */
  diff(id: string, query?: DiffQuery, options?: CallOptions): Promise<DiffAnswer>
  /** POST /prompts/{id}/promote. */
  promote(id: string, request: PromoteRequest, options?: CallOptions): Promise<PromoteAnswer>
  /** POST /prompts/{id}/aliases. Names an older release without promoting it. */
  addAlias(id: string, request: AliasRequest, options?: CallOptions): Promise<AliasAnswer>
  /** POST /prompts/{id}/rollback. */
  rollback(id: string, request: RollbackRequest, options?: CallOptions): Promise<RollbackAnswer>
  /** POST /prompts/{id}/revoke. */
  revoke(id: string, request: RevokeRequest, options?: CallOptions): Promise<RevokeAnswer>
  /** POST /prompts/{id}/hold. Freezes the prompt until the hold is lifted. */
  hold(id: string, request: HoldRequest, options?: CallOptions): Promise<HoldAnswer>
  /** DELETE /prompts/{id}/hold. */
  unhold(id: string, request: HoldRequest, options?: CallOptions): Promise<HoldAnswer>
  /** POST /prompts/{id}/owner. Admin only. */
  transfer(id: string, request: OwnerRequest, options?: CallOptions): Promise<OwnerAnswer>
  /** GET /prompts/{id}/events. Newest first. */
  events(id: string, query?: PageQuery, options?: CallOptions): Promise<EventsAnswer>
  /** GET /sources. Ordered by name. */
  sources(query?: PageQuery, options?: CallOptions): Promise<SourcesAnswer>
  /** GET /sources/{name}. A source never written has revision 0. */
  source(name: string, options?: CallOptions): Promise<SourceDocument>
  /** PUT /sources/{name}. Compare-and-set by revision; appends to the ledger in the same transaction. */
  recordSource(name: string, request: SourceRecordRequest, options?: CallOptions): Promise<SourceRecordAnswer>
  /** GET /sources/{name}/ledger. In the order of appending. */
  ledger(name: string, query?: PageQuery, options?: CallOptions): Promise<LedgerAnswer>
  /** POST /sources/{name}/lease. Takes, renews or releases; `lease_held` names the holder. */
  lease(name: string, request: LeaseRequest, options?: CallOptions): Promise<LeaseAnswer>
  /** GET /health. */
  health(options?: CallOptions): Promise<HealthAnswer>
}
