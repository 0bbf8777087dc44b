import type { TagRef } from '../source/git-source.ts'

/** The signed headers of a tag object. */
export interface TagPayload {
  readonly object: string
  readonly type: string
  readonly name: string
  /** Milliseconds since the epoch; `null` if the tag has no tagger or no time. */
  readonly taggedAt: number | null
}

/** Returns `null` if the bytes are not a tag object. */
export function parseTagPayload(payload: Uint8Array): TagPayload | null {
  // Git's headers end at the first empty line and have a fixed order.
  const [headers = ''] = Buffer.from(payload).toString('latin1').split('\n\n', 1)
  const [, object, type, name, tagger] = HEADERS.exec(headers) ?? []
  if (object === undefined || type === undefined || name === undefined) return null
  const [, seconds] = /> (\d{1,12}) [+-]\d{4}$/.exec(tagger ?? '') ?? []
  const taggedAt = seconds === undefined ? null : Number(seconds) * 1000
  return { object, type, name: Buffer.from(name, 'latin1').toString(), taggedAt }
}

const HEADERS = /^object ([0-9a-f]{40,64})\ntype (\w+)\ntag ([^\n]+)(?:\ntagger ([^\n]*))?$/

/**
 * Why a tag object is not valid for its ref; `null` if it is. Without this check, anyone with push access could
 * publish the signed tag object of an old release under a new name.
 */
export function payloadProblem(ref: TagRef, payload: TagPayload | null): string | null {
  if (payload === null) return 'its tag object is malformed'
  if (payload.name !== ref.name)
    return `it was signed as the tag "${payload.name}"; a signature is valid for its own name only`
  if (payload.type !== 'commit') return `it was signed for a ${payload.type}; sign a tag of the commit itself`
  if (payload.object !== ref.commit) return `it was signed for another commit, ${payload.object.slice(0, 12)}`
  return null
}
