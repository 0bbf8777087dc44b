import type { TagRef, TagSignature } from '../source/git-source.ts'
import { parseAllowedSigners } from './allowed-signers.ts'
import { createPgpVerifier } from './pgp-signature.ts'
import { SignatureRefusal } from './refusal.ts'
import { sshSigner } from './ssh-signer.ts'
import { parseTagPayload, payloadProblem } from './tag-payload.ts'

/** Who may sign releases. */
export interface Trust {
  /** The content of an OpenSSH allowed_signers file. */
  readonly allowedSigners: string
  /** Armored OpenPGP public keys. */
  readonly gpgKeys: readonly string[]
}

/** `problem` is a clause with the tag as its subject, such as "it is not signed". */
export type TagVerdict =
  | { readonly verified: true; readonly signer: string }
  | { readonly verified: false; readonly problem: string }

/**
 * Whether an allowed signer signed the tag with this name and this commit. `signature` is `null` for a tag without
 * one; `now` is in milliseconds since the epoch.
 */
export type TagVerifier = (ref: TagRef, signature: TagSignature | null, now: number) => Promise<TagVerdict>

/** Throws an `Error` if the allowed signers are invalid. */
export function createTagVerifier({ allowedSigners, gpgKeys }: Trust): TagVerifier {
  const signers = parseAllowedSigners(allowedSigners)
  const pgpSigner = createPgpVerifier(gpgKeys)
  const signerOf = async ({ payload, armored }: TagSignature, taggedAt: number, now: number) => {
    if (armored.startsWith('-----BEGIN SSH SIGNATURE-----'))
      return sshSigner(payload, armored, signers, taggedAt)
    if (armored.startsWith('-----BEGIN PGP ')) return await pgpSigner(payload, armored, now)
    throw new SignatureRefusal('its signature format is not supported; sign with SSH or OpenPGP')
  }

  return async (ref, signature, now) => {
    if (signature === null) return refused('it is not signed')
    const payload = parseTagPayload(signature.payload)
    const problem = payloadProblem(ref, payload)
    if (problem !== null) return refused(problem)
    try {
      return { verified: true, signer: await signerOf(signature, payload?.taggedAt ?? now, now) }
    } catch (error) {
      if (error instanceof SignatureRefusal) return refused(error.message)
      throw error
    }
  }
}

function refused(problem: string): TagVerdict {
  return { verified: false, problem }
}
