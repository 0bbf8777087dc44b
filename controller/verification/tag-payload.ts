import type { TagRef } from '../source/git-source.ts'

/** What a tag object says of itself, in the part that is signed. */
export interface TagPayload {
  readonly object: string
  readonly type: string
  readonly name: string
  /** Milliseconds since the epoch; `null` where nobody says who tagged, and when. */
  readonly taggedAt: number | null
}

/** `null` where the bytes are no tag object. */
export function parseTagPayload(payload: Uint8Array): TagPayload | null {
  // Git ends its headers at the first empty line, and knows them by their order.
  const [headers = ''] = Buffer.from(payload).toString('latin1').split('\n\n', 1)
  const [, object, type, name, tagger] = HEADERS.exec(headers) ?? []
  if (object === undefined || type === undefined || name === undefined) return null
  const [, seconds] = /> (\d{1,12}) [+-]\d{4}$/.exec(tagger ?? '') ?? []
  const taggedAt = seconds === undefined ? null : Number(seconds) * 1000
  return { object, type, name: Buffer.from(name, 'latin1').toString(), taggedAt }
}

const HEADERS = /^object ([0-9a-f]{40,64})\ntype (\w+)\ntag ([^\n]+)(?:\ntagger ([^\n]*))?$/

/**
 * Why a tag object cannot speak for the ref that names it; `null` where it does. Without this, whoever may push could
 * put an old release's signed tag object under the name of a new one.
 */
export function payloadProblem(ref: TagRef, payload: TagPayload | null): string | null {
  if (payload === null) return 'its tag object is malformed'
  if (payload.name !== ref.name)
    return `it was signed as the tag "${payload.name}"; a signature is good for its own name only`
  if (payload.type !== 'commit') return `it was signed for a ${payload.type}; sign a tag of the commit itself`
  if (payload.object !== ref.commit) return `it was signed for another commit, ${payload.object.slice(0, 12)}`
  return null
}
