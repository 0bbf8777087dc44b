import type { AliasAnswer, AliasRequest } from '../contract/registry-api.ts'
import { isPrerelease, parseRelease } from '../contract/release.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Snapshot } from '../store/records.ts'
import { authorize } from './authority.ts'
import type { Caller } from './caller.ts'
import { aliasToAdd, existing, refuseRevokedVersion, versionNamed } from './guards.ts'
import { type Act, PromptEdit, type Step } from './prompt-edit.ts'

/**
 * What an alias does: names a version for good without promoting it. The version counts as released, unless the
 * alias is a pre-release. Throws `not_found`, `revoked`, `alias_taken` and what `authorize` throws.
 */
export function decideAlias(
  id: string,
  request: AliasRequest,
  snapshot: Snapshot | undefined,
  found: FoundVersions,
  caller: Caller,
  act: Act,
): Step<AliasAnswer> {
  const { head } = existing(id, snapshot)
  const authority = authorize(head, caller, { ...request, leaseToken: request.lease_token })
  const target = versionNamed(id, request.version, found)
  refuseRevokedVersion(id, target)
  const alias = aliasToAdd(id, request.alias, target, found)
  const release = parseRelease(request.alias)
  const counts = release === undefined || !isPrerelease(release)

  const edit = new PromptEdit(snapshot, id, act, authority)
  if (alias !== null) {
    edit.addAlias(target, alias, counts ? (release ?? null) : null)
    if (counts && target.status === 'draft')
      edit.updateVersion(target, { status: 'deprecated', releasedAt: act.at })
  }
  return edit.finish((after) => ({
    prompt_id: after.promptId,
    alias: request.alias,
    version: target.label,
    status: edit.current(target).status,
    changed: alias !== null,
    revision: after.revision,
  }))
}
