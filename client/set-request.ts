import { isFields } from './belief.ts'
import { sourcePath } from './paths.ts'
import { refusal } from './refusal.ts'
import type { SetReply, SourceSet } from './tier.ts'
import { type TransportAnswer, TransportError, type TransportRequest } from './transport/transport.ts'

/** `no_set` before the first release. An older registry has no such route. */
const NO_SET: readonly string[] = ['no_set', 'route_not_found', 'not_found', 'method_not_allowed']

/** Asks for the current set of a source, and for the revocations since the one that is known. */
export function setRequest(source: string, known: SourceSet | undefined): TransportRequest {
  return {
    method: 'GET',
    path: sourcePath(source, 'set'),
    ...(known !== undefined && { query: { revoked_since: String(known.sequence) } }),
    ...(known?.etag !== undefined && { headers: { 'if-none-match': known.etag } }),
  }
}

/** `undefined` for an error. Throws `bad_answer`. */
export function readSet(
  answer: TransportAnswer,
  source: string,
  known: SourceSet | undefined,
): SetReply | undefined {
  const { status, headers, body } = answer
  if (status === 304 && known !== undefined) return { unchanged: true }
  if (status >= 400) return NO_SET.includes(refusal(answer).code) ? { none: true } : undefined
  const { set, sequence, release, revoked, revoked_all: all, drafts } = documentOf(body)
  if (typeof set !== 'string' || typeof sequence !== 'number')
    throw new TransportError('bad_answer', `The registry answered without the set of source "${source}".`)
  return {
    pointer: {
      source,
      digest: set,
      sequence,
      release: typeof release === 'string' ? release : null,
      etag: headers.etag,
      hasRevocations: all === true || (Array.isArray(revoked) && revoked.length > 0),
      hasDrafts: drafts === true,
    },
  }
}

function documentOf(body: unknown): Readonly<Record<string, unknown>> {
  return isFields(body) ? body : {}
}
