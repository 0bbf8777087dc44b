import { RegistryError } from '../contract/errors.ts'
import { type VersionName, versionNameKey } from '../contract/version-name.ts'
import type { FoundVersions } from '../store/prompt-store.ts'
import type { Head, Snapshot, VersionRecord } from '../store/records.ts'
import type { SetPointer } from '../store/set-records.ts'

/** Checks that several operations make before they change a prompt. */

/** Throws `not_found`, `gone`. */
export function existing(id: string, snapshot: Snapshot | undefined): Snapshot {
  if (snapshot !== undefined && snapshot.head.promptId === id) {
    refuseDeleted(snapshot.head)
    return snapshot
  }
  const hint =
    snapshot === undefined ? 'check the id, or list the prompts' : `did you mean "${snapshot.head.promptId}"?`
  throw new RegistryError('not_found', `Prompt "${id}" was not found; ${hint}.`, {
    details: { prompt_id: id },
  })
}

/** Throws `gone`. */
export function refuseDeleted({ promptId, deleted }: Head): void {
  if (deleted === undefined) return
  const from = deleted.source === null ? '' : `, with the source "${deleted.source}"`
  throw new RegistryError('gone', `The prompt "${promptId}" was deleted${from}; use another prompt.`, {
    details: { prompt_id: promptId, deleted_at: deleted.at },
  })
}

/** Throws `not_found`, or `label_taken` if the name belongs to a version other than `identity`. */
export function versionNamed(
  id: string,
  name: VersionName,
  found: Pick<FoundVersions, 'byName'>,
  identity?: string,
): VersionRecord {
  const version = found.byName.get(versionNameKey(name))
  if (version === undefined) {
    throw new RegistryError(
      'not_found',
      `The prompt "${id}" has no version "${name}"; list its versions to see its names.`,
      { details: { prompt_id: id, version: name } },
    )
  }
  if (identity === undefined || version.identity === identity) return version
  throw labelTaken(id, version, identity)
}

/** The identities of two versions start with the same 12 digits, and the first version has the label. */
export function labelTaken(id: string, taken: VersionRecord, identity: string): RegistryError {
  return new RegistryError(
    'label_taken',
    `The label "${taken.version}" of "${id}" belongs to another version, whose identity starts with the same 12 digits; change a byte of the file.`,
    { details: { prompt_id: id, version: taken.version, taken_by: taken.identity, identity } },
  )
}

/** Throws `revision_conflict`. */
export function refuseRevision(head: Head, expected: number | undefined): void {
  if (expected === undefined || expected === head.revision) return
  throw new RegistryError(
    'revision_conflict',
    `The prompt "${head.promptId}" is at revision ${head.revision}, not ${expected}: somebody changed it. Read it again, then retry.`,
    { details: { revision: head.revision, expected_revision: expected } },
  )
}

/** Throws `revoked`. */
export function refuseRevokedVersion(id: string, version: VersionRecord): void {
  if (version.status !== 'revoked') return
  throw new RegistryError(
    'revoked',
    `Version ${version.version} of "${id}" was revoked and is never served again; choose another.`,
    { details: { prompt_id: id, version: version.version } },
  )
}

/** The alias to add; `null` if the request has none or the version already has it. Throws `alias_taken`. */
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
    `"${alias}" names version ${claimed.version} of "${id}" and cannot move to ${target.version}; choose another name.`,
    { details: { alias, version: claimed.version } },
  )
}

export function refuseSequence({ move }: SetPointer, expected: number | undefined): void {
  if (expected === undefined || expected === move.sequence) return
  throw new RegistryError(
    'revision_conflict',
    `The set of the source "${move.source}" has moved since: its sequence is ${move.sequence}, not ${expected}. Look at it again.`,
    { details: { sequence: move.sequence, expected_sequence: expected } },
  )
}
