import type { Json } from '../version.ts'

/** One stay of a version in service, in one environment: the seven facts that an auditor asks for. */
export interface AuditRow {
  /** The registry. */
  readonly environment: string
  /** The owner when the version began to serve. */
  readonly source: string | null
  readonly prompt_id: string
  readonly version: string
  /** The release by which the version began to serve, or its newest one then. */
  readonly release: string | null
  /** Releases that named the version while it served, oldest first. */
  readonly later_releases: readonly string[]
  /** Who asked; `null` if the version served before the first event. */
  readonly asked: AuditedRequest | null
  /** The tag of `release`. */
  readonly tag: AuditedTag | null
  /** Who approved; `null` if unknown. */
  readonly approved: Approval | null
  /** The allowed signer of the tag. */
  readonly signed: string | null
  /** The evidence with which the version was promoted; empty if none was required. */
  readonly evidence: readonly Json[]
  /** The digest of the first set with the version; `null` if unknown, or if there was none. */
  readonly set: string | null
  readonly changed: AuditedChange
  /** ISO 8601, UTC; `null` if the version served before the first event. */
  readonly served_from: string | null
  /** `null` if the version still serves. */
  readonly served_until: string | null
  /** What ended the service; `null` if the version still serves. */
  readonly stopped: AuditedAct | null
}

/** A change of the version in service. */
export interface AuditedAct {
  readonly act: string
  readonly actor: string
  /** true: the actor's name could not be verified. */
  readonly claimed: boolean
  readonly reason: string | null
}

/** `tag`: a release tag. `source`: the controller restored the version from git. `person`: the actor. */
export interface AuditedRequest extends AuditedAct {
  readonly by: 'tag' | 'source' | 'person'
}

export interface AuditedTag {
  readonly name: string
  /** `null` for a lightweight tag. */
  readonly object: string | null
  readonly commit: string | null
  /** As the tag object has it: proven only if the tag is signed. */
  readonly tagger: string | null
  readonly tagged_at: string | null
}

/** `pull_request` is `null` if the commit came without one. */
export interface Approval {
  readonly pull_request: number | null
  readonly author: string | null
  readonly by: readonly string[]
}

export interface AuditedChange {
  /** The version that served before; `null` if there was none. */
  readonly from: string | null
  /** Names of the changed parts, such as `config`; `null` if unknown. */
  readonly parts: readonly string[] | null
  /** The changed inputs. */
  readonly inputs: readonly Json[]
}
