import type { Proof } from './host.ts'
import { WEBHOOK_HOSTS } from './hosts.ts'

/**
 * What the headers of a delivery offer, whichever source it is for. Senders are answered by this alone: an answer that
 * depended on the source would tell strangers which sources there are.
 */
export type Signature =
  | { readonly kind: 'none' }
  /** The connection test of a host that does not sign these. */
  | { readonly kind: 'unsigned_ping' }
  | { readonly kind: 'malformed'; readonly header: string }
  /** At least one proof, of any host. */
  | { readonly kind: 'well_formed'; readonly proofs: readonly Proof[] }

const HOSTS = Object.values(WEBHOOK_HOSTS)
const HEADERS: readonly string[] = [...new Set(HOSTS.flatMap(({ signedBy }) => signedBy))]

export function signatureIn(headers: Headers): Signature {
  const proofs = HOSTS.flatMap((host) => host.proofs(headers))
  if (proofs.length > 0) return { kind: 'well_formed', proofs }
  const header = HEADERS.find((name) => headers.has(name))
  if (header !== undefined) return { kind: 'malformed', header }
  const isPing = HOSTS.some((host) => host.pingsUnsigned === true && host.event(headers) === 'ping')
  return { kind: isPing ? 'unsigned_ping' : 'none' }
}
