import { fingerprint } from '../../api/contract/keys/ssh-public-key.ts'
import type { AllowedSigner } from './allowed-signers.ts'
import { SignatureRefusal } from './refusal.ts'
import { fitsPatterns } from './signer-options.ts'
import { parseSshSignature, type SshSignature, signs } from './ssh-signature.ts'

const NAMESPACE = 'git'

/**
 * Returns the allowed signer that made the signature. Like git, compares the times of a line with `at`, the
 * tagger's time in milliseconds since the epoch. Throws a `SignatureRefusal` if the signature is refused.
 */
export function sshSigner(
  payload: Uint8Array,
  armored: string,
  allowedSigners: readonly AllowedSigner[],
  at: number,
): string {
  const signature = parsed(armored)
  const lines = allowedSigners.filter(({ key }) => key.blob.equals(signature.key.blob))
  if (lines.length === 0)
    throw new SignatureRefusal(
      `it is signed with the SSH key ${fingerprint(signature.key)}, which is not an allowed signer; add the key if its owner may release`,
    )
  if (signature.namespace !== NAMESPACE)
    throw new SignatureRefusal(`it is signed for "${signature.namespace}", not for git`)
  if (!fits(signature, payload)) throw new SignatureRefusal('its signature does not match its content')
  const problems = lines.map((line) => lineProblem(line, at))
  const good = problems.indexOf(null)
  if (good < 0) throw new SignatureRefusal(problems[0] ?? '')
  return lines[good]?.principals ?? ''
}

function lineProblem(
  { principals, namespaces, validAfter, validBefore }: AllowedSigner,
  at: number,
): string | null {
  if (namespaces !== null && !fitsPatterns(NAMESPACE, namespaces))
    return `the SSH key of ${principals} is not allowed to sign for git`
  if (validAfter !== null && at < validAfter)
    return `the SSH key of ${principals} was not valid yet when it was signed`
  if (validBefore !== null && at > validBefore)
    return `the SSH key of ${principals} had expired when it was signed`
  return null
}

function parsed(armored: string): SshSignature {
  try {
    return parseSshSignature(armored)
  } catch (cause) {
    throw new SignatureRefusal(`its signature is malformed: ${(cause as Error).message}`, { cause })
  }
}

/** OpenSSL throws if it cannot parse the signature. */
function fits(signature: SshSignature, payload: Uint8Array): boolean {
  try {
    return signs(signature, payload)
  } catch {
    return false
  }
}
