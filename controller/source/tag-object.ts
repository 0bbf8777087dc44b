import type { TagSignature } from './git-source.ts'

/** A line that begins so begins the signature, as git has it; of several, the last one counts. */
const BEGINS = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----/gm

/** The two parts of a tag object's bytes; `null` where it is not signed. */
export function signatureOf(bytes: Buffer): TagSignature | null {
  // One character a byte, so that places are those of the bytes.
  const text = bytes.toString('latin1')
  const at = [...text.matchAll(BEGINS)].at(-1)?.index
  return at === undefined ? null : { payload: bytes.subarray(0, at), armored: text.slice(at) }
}
