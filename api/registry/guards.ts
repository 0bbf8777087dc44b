import { RegistryError } from '../contract/errors.ts'
import { type VersionName, versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'

/** Checks that several operations make before they change a prompt. */

/** Throws `not_found`. */
export function existing(id: string, snapshot: Snapshot | undefined): Snapshot {
  if (snapshot !== undefined && snapshot.head.promptId === id) return snapshot
  const hint =
    snapshot === undefined ? 'check the id, or list the prompts' : `did you mean "${snapshot.head.promptId}"?`
  throw new RegistryError('not_found', `There is no prompt "${id}"; ${hint}.`, { details: { prompt_id: id } })
}

/** Throws `not_found`. */
export function versionNamed(id: string, name: VersionName, found: FoundVersions): VersionRecord {
  const version = found.byName.get(versionNameKey(name))
  if (version !== undefined) return version
  throw new RegistryError(
    'not_found',
    `The prompt "${id}" has no version "${name}"; list its versions to see what there is.`,
    {
      details: { prompt_id: id, version: name },
    },
  )
}

/** Throws `revision_conflict`. */
export function refuseRevision(head: Head, expected: number | undefined): void {
  if (expected === undefined || expected === head.revision) return
  throw new RegistryError(
    'revision_conflict',
    `The prompt "${head.promptId}" is at revision ${head.revision}, not ${expected}: somebody changed it. Look at it again and repeat.`,
    {
      details: { revision: head.revision, expected_revision: expected },
    },
  )
}

/** Throws `revoked`. */
export function refuseRevokedVersion(id: string, version: VersionRecord): void {
  if (version.status !== 'revoked') return
  throw new RegistryError(
    'revoked',
    `Version ${version.label} of "${id}" was revoked and is never served again; choose another.`,
    {
      details: { prompt_id: id, version: version.label },
    },
  )
}

/** The alias that is to be added; `null` where none is asked for or it is there. Throws `alias_taken`. */
export function aliasToAdd(
  id: string,
  alias: VersionName | undefined,
  target: VersionRecord,
  found: FoundVersions,
): VersionName | null {
  if (alias === undefined) return null
  const claimed = found.byName.get(versionNameKey(alias))
  if (claimed === undefined) return alias
  if (claimed.identity === target.identity) return null
  throw new RegistryError(
    'alias_taken',
    `"${alias}" names version ${claimed.label} of "${id}" and cannot move to ${target.label}; a name is given once.`,
    {
      details: { alias, version: claimed.label },
    },
  )
}
