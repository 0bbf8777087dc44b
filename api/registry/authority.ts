import { RegistryError } from '../contract/errors.ts'
import type { Head } from '../store/records.ts'
import type { Caller } from './caller.ts'

/** Who a write acts for. */
export interface WriteClaim {
  readonly source?: string | undefined
  readonly override?: boolean | undefined
  readonly leaseToken?: number | undefined
}

/** How a write relates to the prompt's owner. */
export interface Authority {
  /** The source that writes; `null` for a person. */
  readonly source: string | null
  readonly leaseToken: number | null
  readonly takesOwnership: boolean
  /** An admin writes to a prompt that a source owns. */
  readonly overrides: boolean
}

/** Throws `forbidden` if the caller may not act for the source named in the request. */
export function requireSource(caller: Caller, source: string | undefined): void {
  if (
    source === undefined ||
    caller.access === 'admin' ||
    caller.sources === 'any' ||
    caller.sources.includes(source)
  )
    return
  throw new RegistryError(
    'forbidden',
    `This credential does not cover the source "${source}"; use one that lists it.`,
    {
      details: { source },
    },
  )
}

/** Throws `forbidden` if the caller may not change a prompt with this id. */
export function requirePrefix({ prefixes = [] }: Caller, id: string): void {
  if (prefixes.length === 0 || prefixes.some((prefix) => id.startsWith(prefix))) return
  throw new RegistryError(
    'forbidden',
    `This credential may only change prompts below ${prefixes.join(', ')}, not "${id}"; use another one.`,
    { details: { prompt_id: id, prefixes } },
  )
}

/** Throws `forbidden`. */
export function requireAdmin(caller: Caller, what: string): void {
  if (caller.access === 'admin') return
  throw new RegistryError('forbidden', `${what} needs an admin; ask one, or use an admin's credential.`)
}

/**
 * Checks whether a push, an alias or a promotion may change the prompt. A source's first push makes it the owner
 * of a prompt that has none. After that only the owner may write, or an admin who overrides. Throws `forbidden`,
 * `not_owner`, `lease_lost`.
 */
export function authorize(head: Head | undefined, caller: Caller, claim: WriteClaim): Authority {
  requireSource(caller, claim.source)
  if (claim.override === true) requireAdmin(caller, 'An override')
  const owner = head?.owner ?? null
  const source = claim.source ?? null
  const isOwner = owner === null || owner === source
  if (!isOwner && claim.override !== true) throw notOwner(head?.promptId ?? '', owner, source)
  const leaseToken = claim.leaseToken ?? null
  if (source !== null && leaseToken !== null && leaseToken < (head?.fences[source] ?? 0))
    throw leaseLost(source)
  return { source, leaseToken, takesOwnership: owner === null && source !== null, overrides: !isOwner }
}

/** Like `authorize`, for operations that need an owner: also throws `not_owner` if the prompt has none. */
export function authorizeOwner(head: Head, caller: Caller, claim: WriteClaim): Authority {
  const authority = authorize(head, caller, claim)
  if (authority.takesOwnership) throw notOwner(head.promptId, null, authority.source)
  return authority
}

export function leaseLost(source: string): RegistryError {
  return new RegistryError(
    'lease_lost',
    `Another writer took over the lease of the source "${source}"; this write changed nothing. Take the lease again and start over.`,
    {
      details: { source },
    },
  )
}

function notOwner(promptId: string, owner: string | null, source: string | null): RegistryError {
  const by =
    source === null
      ? 'Change it in that source'
      : `The source "${source}" cannot change it; rename the prompt there, or ask an admin to transfer it`
  return new RegistryError(
    'not_owner',
    `The prompt "${promptId}" belongs to the source "${owner}". ${by}, or override as an admin.`,
    {
      details: { prompt_id: promptId, owner, source },
    },
  )
}
