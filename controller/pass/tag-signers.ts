import type { Plan } from '../plan/plan.ts'
import type { TagObject } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import type { VerifyConfig } from '../verification/settings.ts'
import { createTagVerifier } from '../verification/verify-tag.ts'

/**
 * The signers of these tags, by tag name. A tag whose release waited was verified by an earlier
 * pass, so its signer is read again. `now` is in milliseconds since the epoch.
 */
export async function tagSigners(
  plan: Pick<Plan, 'tags'>,
  names: Iterable<string>,
  objects: ReadonlyMap<Oid, TagObject>,
  { verify, now }: { readonly verify: VerifyConfig | undefined; readonly now: number },
): Promise<ReadonlyMap<string, string>> {
  const signers = new Map<string, string>()
  const verifyTag = verify === undefined || verify.tags === 'off' ? null : createTagVerifier(verify)
  for (const name of names) {
    const { commit = '', object = null, signer = null } = plan.tags.get(name) ?? {}
    const known = object === null ? undefined : objects.get(object)
    if (signer !== null) signers.set(name, signer)
    else if (verifyTag !== null && object !== null && known !== undefined) {
      const verdict = await verifyTag({ name, commit, object }, known.signature, now)
      if (verdict.verified) signers.set(name, verdict.signer)
    }
  }
  return signers
}
