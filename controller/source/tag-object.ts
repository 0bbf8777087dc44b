import type { TagObject, TagSignature } from './git-source.ts'
import { headerOf, headersOf, parseIdentity } from './identity.ts'

/** Parses a tag object. */
export function parseTagObject(bytes: Buffer): TagObject {
  const line = headerOf(headersOf(bytes), 'tagger')
  const tagger = line === undefined ? null : parseIdentity(line)
  return { tagger: tagger?.who ?? null, taggedAt: tagger?.at ?? null, signature: signatureOf(bytes) }
}

/** The first line of a signature. As in git, the last match counts. */
const BEGINS = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----/gm

function signatureOf(bytes: Buffer): TagSignature | null {
  // latin1 has one character per byte, so that indexes are byte offsets.
  const text = bytes.toString('latin1')
  let at = -1
  for (const { index } of text.matchAll(BEGINS)) at = index
  return at < 0 ? null : { payload: bytes.subarray(0, at), armored: text.slice(at) }
}
