import { isErrorCode, RegistryError } from '../api/contract/errors.ts'
import type { Mode } from '../api/contract/mode.ts'
import type { IdentityParts } from '../api/contract/proof/version-identity.ts'
import { parseRequestReference } from '../api/contract/reference.ts'
import { frozen, isFields, type Sha256 } from './belief.ts'
import { BEFORE_ALL_TURNS, type Entry } from './cache.ts'
import type { TierName } from './errors.ts'
import type { Found, Question } from './tier.ts'

/** Of the shape of an entry. A snapshot of another version is not read. */
const SCHEMA = 1

/** A known answer as a snapshot or a bundle keeps it. */
export interface SavedAnswer {
  readonly reference: string
  readonly mode?: Mode | undefined
  readonly tier: TierName
  readonly etag?: string | undefined
  /** Milliseconds since 1970 of the last confirmation. */
  readonly at: number
  readonly found?: Found | undefined
  /** What proves `found` together with the proofs of the file. */
  readonly parts?: IdentityParts | undefined
  /** Kept too, so that a revoked text does not come back from a file after a restart. */
  readonly refusal?:
    | { readonly code: string; readonly message: string; readonly details?: object | undefined }
    | undefined
}

/**
 * Lines of JSON: a header with the SHA-256 of the second line, the answers, and the proofs of sets if there are any.
 * `registry` names the addresses that the answers are from; `null` in a bundle, which is for whoever ships it.
 */
export async function encodeSnapshot(
  answers: readonly SavedAnswer[],
  registry: string | null,
  sha256: Sha256,
  proofs: readonly unknown[] = [],
): Promise<string> {
  const body = JSON.stringify(answers)
  const header = JSON.stringify({ schema: SCHEMA, registry, sha256: await sha256(body) })
  return [header, body, ...(proofs.length > 0 ? [JSON.stringify(proofs)] : []), ''].join('\n')
}

export interface DecodedSnapshot {
  readonly answers: readonly SavedAnswer[]
  readonly isBundle: boolean
  /** As they were written. */
  readonly proofs: readonly unknown[]
}

/** The answers, or as a sentence why the file is not used. */
export async function decodeSnapshot(
  text: string,
  registry: string,
  sha256: Sha256,
): Promise<DecodedSnapshot | string> {
  const [first = '', body = '', proofs = ''] = text.split('\n')
  try {
    const header: unknown = JSON.parse(first)
    if (!isFields(header)) return 'It is not a snapshot.'
    if (header.schema !== SCHEMA)
      return `It has version ${header.schema}; this client reads version ${SCHEMA}.`
    if (header.sha256 !== (await sha256(body))) return 'It is damaged: its checksum is wrong.'
    if (header.registry !== null && header.registry !== registry)
      return `It is from another registry (${header.registry}).`
    return {
      answers: JSON.parse(body),
      isBundle: header.registry === null,
      proofs: proofs === '' ? [] : JSON.parse(proofs),
    }
  } catch {
    return 'It is damaged: it is not JSON.'
  }
}

/** `undefined` for a refusal that a restart may forget, and for the answer of a set: no session outlives its process. */
export function savedAnswer(
  { question, answer, tier, etag, at }: Entry,
  toWallClock: number,
  partsOf: (found: Found) => IdentityParts | undefined = () => undefined,
): SavedAnswer | undefined {
  const { reference, mode, set } = question
  if (set !== undefined) return undefined
  const saved = { reference, mode, tier, etag, at: at + toWallClock }
  if (!(answer instanceof RegistryError)) return { ...saved, found: answer, parts: partsOf(answer) }
  const { code, message, details } = answer
  return code === 'not_found' ? undefined : { ...saved, refusal: { code, message, details } }
}

/** The entry of a saved answer; times in the future, after the clock was set back, count as older than the TTL. */
export function restoredEntry(
  saved: SavedAnswer,
  key: string,
  { toWallClock, now, ttlMs }: { readonly toWallClock: number; readonly now: number; readonly ttlMs: number },
): Entry {
  const { reference, mode, tier, etag, found, refusal } = saved
  const question: Question = { key, reference, parsed: parseRequestReference(reference), mode }
  const at = saved.at - toWallClock > now ? now - ttlMs : saved.at - toWallClock
  const answer = found === undefined ? refusalOf(refusal) : frozen({ ...NOT_KNOWN, ...found })
  return {
    question,
    answer,
    tier,
    etag,
    text: found?.text,
    promise: found && Promise.resolve(found.text),
    isRefusal: found === undefined,
    immutable: found?.immutable ?? false,
    lasts: false,
    restored: true,
    at,
    freshUntil: found === undefined ? 0 : at + ttlMs,
    retryAt: 0,
    attempts: [],
    used: 0,
    usedAtAnswer: 0,
    answeredAt: at,
    turn: BEFORE_ALL_TURNS,
  }
}

/** What older snapshots do not have. */
const NOT_KNOWN = { movedTo: null, source: null, settling: false }

function refusalOf(refusal: SavedAnswer['refusal']): RegistryError {
  const { code, message = '', details } = refusal ?? {}
  return new RegistryError(isErrorCode(code) ? code : 'revoked', message, {
    ...(details !== undefined && { details: details as Record<string, unknown> }),
  })
}
