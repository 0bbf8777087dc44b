import type { RegistryError } from '../api/contract/errors.ts'
import type { Mode } from '../api/contract/mode.ts'
import type { Format } from '../api/contract/reading/format.ts'
import type { PromptInput } from '../api/contract/reading/inputs.ts'
import type { TemplateLanguage } from '../api/contract/reading/template-language.ts'
import type { Reference } from '../api/contract/reference.ts'
import type { Json, Status } from '../api/contract/version.ts'
import type { Attempt, TierName } from './errors.ts'

export interface Question {
  /** Unique for reference and mode. */
  readonly key: string
  /** As the caller wrote it; it is valid. */
  readonly reference: string
  readonly parsed: Reference
  /** Without one the registry answers for production, or for the strictest mode that it allows. */
  readonly mode: Mode | undefined
  /** The set to look in. `undefined`: the stable version. */
  readonly set?: SetName | undefined
}

/** A set and the source that released it. */
export interface SetName {
  readonly source: string
  readonly digest: string
}

/** The current set of a source. */
export interface SourceSet extends SetName {
  /** Grows with each move. */
  readonly sequence: number
  /** The tag that it was made for. */
  readonly release: string | null
  readonly etag: string | undefined
  /** Whether versions were revoked after the sequence that the request gave. */
  readonly hasRevocations: boolean
  /** Whether the registry answers with drafts unless a request has a mode. No set has drafts. */
  readonly hasDrafts: boolean
}

/** A prompt as a tier has it. What an older registry or a local file does not know is `null`. */
export interface Found {
  readonly text: string
  readonly promptId: string
  /** The label of the version, such as `9f86d081884c`. */
  readonly version: string | null
  /** The name of its release, such as `1.3.0`. */
  readonly release: string | null
  readonly status: Status | null
  readonly description: string | null
  readonly tags: readonly string[]
  readonly variables: Json | null
  readonly config: Json | null
  /** How the file is written, such as `dotprompt`. */
  readonly format: Format | null
  /** How placeholders are written. `null`: unknown, so only declared inputs are placeholders. */
  readonly templateLanguage: TemplateLanguage | null
  /** What `render` takes. `null`: nothing, or only the file knows. */
  readonly inputs: readonly PromptInput[] | null
  /** True: this reference always has the same content. It can still be revoked. */
  readonly immutable: boolean
  /** The source that owns the prompt. `null`: none, or an older registry or a file did not name it. */
  readonly source: string | null
  /** True: its source was rolled back, and its prompts do not all serve that set yet. */
  readonly settling: boolean
  /** True: the branch of its source no longer has this prompt. */
  readonly archived: boolean
  /** The id of an archived prompt now. `null` if its source has none. Nothing follows it by itself. */
  readonly movedTo: string | null
}

export interface Asked extends Question {
  /** Of the text that is known. */
  readonly etag: string | undefined
}

export interface AskOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Nobody waits for the answer, so it must not keep the process alive. */
  readonly background: boolean
}

/** Why a tier has no answer, for one prompt or for all. */
export interface TierFailure {
  readonly attempt: Attempt
  readonly error: unknown
  /** From `Retry-After`. */
  readonly retryAfterMs?: number | undefined
}

export type Reply =
  | { readonly found: Found; readonly etag: string | undefined }
  /** The text that the entity tag names is still right. */
  | { readonly unchanged: true }
  /** The registry's verdict on this prompt: revoked, not released, or not found. */
  | { readonly refusal: RegistryError }
  | { readonly failure: TierFailure }

export type SetReply =
  | { readonly pointer: SourceSet }
  /** The pointer that the entity tag names is still right. */
  | { readonly unchanged: true }
  /** The source has no set, or the registry knows no sets. */
  | { readonly none: true }
  | { readonly failure: TierFailure }

export type TierAnswer = { readonly replies: readonly Reply[] } | { readonly failure: TierFailure }

/** A way to a registry. All questions of one call have the same mode and set. */
export interface RegistryTier {
  readonly name: Exclude<TierName, 'local'>
  /** Never rejects. One reply for each question, in order, within the time. */
  ask(asked: readonly Asked[], options: AskOptions): Promise<TierAnswer>
  /** Never rejects. The current set of a source; `known` makes the request conditional. */
  askSet(source: string, known: SourceSet | undefined, options: AskOptions): Promise<SetReply>
}

/** Prompts as files, for when no registry has them. Rejects with `LocalFileError`. */
export interface LocalTier {
  find(question: Question): Promise<Found>
}
