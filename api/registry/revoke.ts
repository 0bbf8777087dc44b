import type { RevocationScope, RevokeAnswer } from '../contract/registry-api.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import type { Act } from './act.ts'
import type { Caller } from './caller.ts'
import { shownRelease } from './documents.ts'
import { type EditStep, PromptEdit } from './prompt-edit.ts'
import { moveStableBack, nothingToRollBackTo } from './rollback.ts'

/** The input of a revocation. */
export interface Revocation {
  readonly target: VersionRecord
  readonly scope: RevocationScope
  /** All versions that the revocation covers. */
  readonly covered: readonly VersionRecord[]
  /** The versions to revoke in this step. */
  readonly versions: readonly VersionRecord[]
  /** The version to go back to if the stable version is revoked; `null` if there is none. */
  readonly fallback: VersionRecord | null
}

/**
 * Revokes versions: they are never served again. If one of them is stable, the prompt goes back to `fallback` in
 * the same step. Without a fallback, only an admin may revoke the stable version. Throws
 * `nothing_to_roll_back_to`.
 */
export function decideRevoke(
  snapshot: Snapshot,
  revocation: Revocation,
  caller: Caller,
  act: Act,
): EditStep<RevokeAnswer> {
  const { head, stable } = snapshot
  const { scope, versions, fallback } = revocation
  const edit = new PromptEdit(snapshot, head.promptId, act)
  for (const version of versions) {
    edit.updateVersion(version, { status: 'revoked', revokedScope: scope })
    edit.log('revoked', { to: version.version, details: { was: version.status, scope } })
  }
  const stableRevoked = stable !== null && edit.current(stable).status === 'revoked'
  if (stableRevoked && fallback !== null) moveStableBack(edit, stable, fallback, 'revocation')
  if (stableRevoked && fallback === null) {
    if (caller.access !== 'admin') {
      throw nothingToRollBackTo(
        head.promptId,
        'Only an admin may revoke it and leave the prompt without a stable version.',
      )
    }
    edit.setStable(null, 'revocation', stable.version)
  }
  return edit.finish((after) =>
    revocationAnswer(after, revocation, {
      changed: after.revision !== head.revision,
      stable: stableRevoked ? fallback : stable,
    }),
  )
}

/** `stable`: the version that is stable afterwards. */
export function revocationAnswer(
  head: Head,
  { target, scope, covered }: Omit<Revocation, 'versions' | 'fallback'>,
  { changed, stable }: { readonly changed: boolean; readonly stable: VersionRecord | null },
): RevokeAnswer {
  return {
    prompt_id: head.promptId,
    version: target.version,
    release: shownRelease(target, head),
    status: 'revoked',
    changed,
    scope,
    revoked: covered.map(({ version }) => version),
    releases: Object.fromEntries(
      covered.flatMap((one) => {
        const release = shownRelease(one, head)
        return release === null ? [] : [[one.version, release]]
      }),
    ),
    stable: stable?.version ?? null,
    stable_release: shownRelease(stable, head),
    revision: head.revision,
  }
}
