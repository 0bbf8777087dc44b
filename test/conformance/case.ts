/** One case that every client passes. Names are in the spelling of the Python client. */
export interface ConformanceCase {
  readonly name: string
  readonly options?: {
    readonly ttl_ms?: number
    readonly timeout_ms?: number
    readonly max_entries?: number
    readonly mode?: string
    readonly local_draft?: boolean
    readonly application?: string
    /** False: no registry is configured. */
    readonly registry?: boolean
    /** True: it keeps a snapshot. */
    readonly snapshot?: boolean
  }
  /** The answers of a bundle, which `promptctl export --bundle` would write. */
  readonly bundle?: readonly BundledAnswer[]
  /** Files of the local folder, or links. */
  readonly local?: Readonly<Record<string, string | { readonly link: string }>>
  readonly prompts: Readonly<Record<string, ScriptedPrompt>>
  /** The pointer of each source. A source without one has no set. */
  readonly sets?: Readonly<Record<string, ScriptedSet>>
  readonly steps: readonly Step[]
}

export interface ScriptedPrompt {
  readonly content?: string
  readonly version?: string
  readonly release?: string
  readonly status?: string
  readonly immutable?: boolean
  readonly archived?: boolean
  readonly moved_to?: string
  readonly source?: string
  readonly settling?: true
  readonly refused?: string
  readonly details?: object
  /** The whole answer. */
  readonly raw?: unknown
}

export interface ScriptedSet {
  readonly digest: string
  readonly sequence: number
  readonly release: string | null
  /** The prompt `SET:ID` of the server replaces a member. */
  readonly members: Readonly<Record<string, ScriptedPrompt>>
  /** Sequences of revocations. */
  readonly revocations?: readonly number[]
  /** True: without a mode, the registry answers with drafts. */
  readonly drafts?: true
  /** True: the registry no longer has the set. */
  readonly lost?: true
}

export interface BundledAnswer {
  readonly reference: string
  readonly mode?: string
  readonly content: string
  readonly age_ms: number
}

export type Step =
  /** The requests, and the changes of watched prompts, that come meanwhile. */
  | (Expected & { readonly pass: number })
  /** Closes the client, and starts another with other options, or at another path of the registry. */
  | { readonly restart: { readonly mode?: string; readonly path?: string } }
  /** A client with this option is refused with `invalid_configuration`. */
  | { readonly refuses: { readonly application: string } }
  /** Replaces the snapshot. */
  | { readonly damage: string }
  /** Replaces a part of the snapshot, and leaves the rest. */
  | { readonly edit: readonly [string, string] }
  /** The references in the snapshot, whose checksum is right and whose folder has no other file. */
  | { readonly saved: readonly string[] }
  /** Types of the events since the last such step. */
  | { readonly events: readonly string[] }
  | (Expected & { readonly watch: readonly string[] })
  | { readonly unwatch: true }
  | { readonly set: Readonly<Record<string, ScriptedPrompt>> }
  /** Moves pointers. Older sets are kept. */
  | { readonly move: Readonly<Record<string, ScriptedSet>> }
  | { readonly fault: string | number; readonly retry_after?: number }
  | { readonly peek: string; readonly is: string | null }
  | (Expected & { readonly call: string; readonly mode?: string; readonly ttl_ms?: number })
  /** `is` has `set` and `release`. */
  | (Expected & { readonly session: string | readonly string[]; readonly outside?: 'stable' })
  | (Expected & { readonly read: string })
  | (Expected & { readonly refresh: true })
  | (Expected & { readonly all: readonly string[] })
  | (Expected & { readonly render: string; readonly values: Readonly<Record<string, unknown>> })

export interface Expected {
  /** Of the resolution, or of the error (`code`, `attempts` as `tier code`); of `all` the texts by reference. */
  readonly is?: Readonly<Record<string, unknown>>
  /** What the server got, with ` known` for entity tags. */
  readonly requests?: readonly string[]
  /** Method and target as they came over the wire. */
  readonly raw_requests?: readonly string[]
  /** The application of each request; empty for none. */
  readonly applications?: readonly string[]
  /** Requests that the client made, answered or not. */
  readonly asks?: number
  /** What watchers were called with: `reference text`, or `reference code`. */
  readonly changes?: readonly string[]
  /** Milliseconds by the clock of the client. */
  readonly takes?: number
}
