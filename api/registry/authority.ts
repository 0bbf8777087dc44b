import { RegistryError } from '../contract/errors.ts'
import type { Head } from '../store/records.ts'
import type { Caller } from './caller.ts'

/** As whom a write wants to act on a prompt. */
export interface WriteClaim {
  readonly source?: string | undefined
  readonly override?: boolean | undefined
  readonly leaseToken?: number | undefined
}

/** How a write stands to the prompt's owner. */
export interface Authority {
  /** The source whose write it is; `null` for a person's. */
  readonly source: string | null
  readonly leaseToken: number | null
  readonly takesOwnership: boolean
  /** An admin acts on what a source owns. */
  readonly overrides: boolean
}

/** Throws `forbidden` where the caller may not act for the source that the write names. */
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
    `This credential may not act for the source "${source}"; use one that lists it.`,
    {
      details: { source },
    },
  )
}

/** Throws `forbidden`. */
export function requireAdmin(caller: Caller, what: string): void {
  if (caller.access === 'admin') return
  throw new RegistryError('forbidden', `${what} needs an admin; ask one, or use an admin's credential.`)
}

/**
 * Whether a push, an alias or a promotion may touch the prompt. A source's first push takes a prompt without an
 * owner; from then on only that source may, or an admin who overrides. Throws `forbidden`, `not_owner`,
 * `lease_lost`.
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

/** The same for what only the owner does: it takes no ownership. Throws `not_owner` too where nobody owns the prompt. */
export function authorizeOwner(head: Head, caller: Caller, claim: WriteClaim): Authority {
  const authority = authorize(head, caller, claim)
  if (authority.takesOwnership) throw notOwner(head.promptId, null, authority.source)
  return authority
}

export function leaseLost(source: string): RegistryError {
  return new RegistryError(
    'lease_lost',
    `Another writer took over the lease of the source "${source}"; this write came too late and changed nothing. Take the lease again and start over.`,
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
