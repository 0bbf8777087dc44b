import type { IdentityParts } from '../api/contract/proof/version-identity.ts'
import type { Found, Question } from './tier.ts'
import type { SendOptions, Transport } from './transport/transport.ts'

/** Public keys as text: lines of OpenSSH, or PEM. */
export interface KeyTexts {
  readonly release: readonly string[]
  readonly emergency: readonly string[]
}

/** Why a proof does not become the current one of its source, as a sentence. */
export interface ProofProblem {
  /** `older`: it is valid, but a newer one is known. */
  readonly kind: 'invalid' | 'older'
  readonly message: string
}

/** The prompt, read from its file; or why it is not proven, as a sentence. */
export type Verified = Found | string

/** The prompt in an answer of a registry, checked. */
export type CheckAnswer = (
  question: Question,
  found: Found,
  document: unknown,
  options: SendOptions,
) => Promise<Verified>

/** Checks prompts against signed sets. Every tier of a client shares one, so that no tier goes back to an older set. */
export interface Verifier {
  /** Adds the proof of a set. */
  add(proof: unknown): ProofProblem | undefined
  /** Checks a prompt. `parts` is `IdentityParts` as somebody sent them. */
  check(question: Question, found: Found, parts: unknown): Promise<Verified>
  /** Checks a prompt of a local folder. `text` is its file. */
  checkFile(directory: string, question: Question, found: Found, text: string): Promise<Verified>
  /** Checks the answers of a registry, which is asked for a newer set if the known ones do not have a version. */
  answersOf(transport: Transport): CheckAnswer
  /** Of a prompt that was checked. */
  partsOf(found: Found): IdentityParts | undefined
  /** Whether a prompt that was checked is still in the current sets. */
  isProven(question: Question, found: Found): boolean
  /** The current proof of each source, as JSON. */
  readonly proofs: readonly unknown[]
}

/** Loads the verifier once. Rejects with `PromptResolutionError` (`invalid_configuration`). */
export type LoadVerifier = () => Promise<Verifier>
