import type { TagRef, TagSignature } from '../source/git-source.ts'
import { parseAllowedSigners } from './allowed-signers.ts'
import { createPgpVerifier } from './pgp-signature.ts'
import { Refusal } from './refusal.ts'
import { sshSigner } from './ssh-signer.ts'
import { parseTagPayload, payloadProblem } from './tag-payload.ts'

/** Who may sign releases. */
export interface Trust {
  /** The text of an OpenSSH allowed_signers file. */
  readonly allowedSigners: string
  /** Armored OpenPGP public keys. */
  readonly gpgKeys: readonly string[]
}

/** `problem` is a clause of which the tag is the subject: "it is not signed". */
export type Verdict =
  | { readonly verified: true; readonly signer: string }
  | { readonly verified: false; readonly problem: string }

/**
 * Whether a tag was signed, under this very name and for this very commit, by somebody who may. `signature` is that
 * of its tag object, `null` where there is none; `now` is in milliseconds since the epoch.
 */
export type TagVerifier = (ref: TagRef, signature: TagSignature | null, now: number) => Promise<Verdict>

/** Throws an `Error` for allowed signers that cannot be read. */
export function createTagVerifier({ allowedSigners, gpgKeys }: Trust): TagVerifier {
  const signers = parseAllowedSigners(allowedSigners)
  const pgpSigner = createPgpVerifier(gpgKeys)
  const signerOf = async ({ payload, armored }: TagSignature, taggedAt: number, now: number) => {
    if (armored.startsWith('-----BEGIN SSH SIGNATURE-----'))
      return sshSigner(payload, armored, signers, taggedAt)
    if (armored.startsWith('-----BEGIN PGP ')) return await pgpSigner(payload, armored, now)
    throw new Refusal('it is signed in a way that is not known here; sign with SSH or OpenPGP')
  }

  return async (ref, signature, now) => {
    if (signature === null) return refused('it is not signed')
    const payload = parseTagPayload(signature.payload)
    const problem = payloadProblem(ref, payload)
    if (problem !== null) return refused(problem)
    try {
      return { verified: true, signer: await signerOf(signature, payload?.taggedAt ?? now, now) }
    } catch (error) {
      if (error instanceof Refusal) return refused(error.message)
      throw error
    }
  }
}

function refused(problem: string): Verdict {
  return { verified: false, problem }
}
