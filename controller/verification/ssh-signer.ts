import type { AllowedSigner } from './allowed-signers.ts'
import { Refusal } from './refusal.ts'
import { fitsPatterns } from './signer-options.ts'
import { fingerprint } from './ssh-public-key.ts'
import { parseSshSignature, type SshSignature, signs } from './ssh-signature.ts'

const NAMESPACE = 'git'

/**
 * Which of the allowed signers made the signature. A line's times are compared with `at` (milliseconds since the
 * epoch), the tagger's time, as git does. Throws a `Refusal` where nobody did.
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
    throw new Refusal(
      `it is signed with the SSH key ${fingerprint(signature.key)}, which is none of the allowed signers; add it if its owner may release`,
    )
  if (signature.namespace !== NAMESPACE)
    throw new Refusal(`it is signed for "${signature.namespace}", not for git`)
  if (!fits(signature, payload)) throw new Refusal('its signature does not fit its content')
  const problems = lines.map((line) => lineProblem(line, at))
  const good = problems.indexOf(null)
  if (good < 0) throw new Refusal(problems[0] ?? '')
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
    return `the SSH key of ${principals} was not valid any more when it was signed`
  return null
}

function parsed(armored: string): SshSignature {
  try {
    return parseSshSignature(armored)
  } catch (cause) {
    throw new Refusal(`its signature is malformed: ${(cause as Error).message}`, { cause })
  }
}

/** A signature that OpenSSL cannot even read fits nothing. */
function fits(signature: SshSignature, payload: Uint8Array): boolean {
  try {
    return signs(signature, payload)
  } catch {
    return false
  }
}
