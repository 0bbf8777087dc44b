import type { VersionName } from '../contract/version-name.ts'
import type { Head } from './records.ts'

/** Rows have kept a version's name as `label` since the first release. Both stores translate when they read and write. */
export type Stored<T extends { readonly version: VersionName }> = Omit<T, 'version'> & {
  readonly label: VersionName
}

export type StoredHead = Omit<Head, 'rolledBack' | 'highest'> & {
  readonly rolledBack: readonly Stored<Head['rolledBack'][number]>[]
  readonly highest: Stored<NonNullable<Head['highest']>> | null
}

export function toStored<T extends { readonly version: VersionName }>({ version, ...others }: T) {
  return { label: version, ...others }
}

export function fromStored<T extends { readonly label: VersionName }>({ label, ...others }: T) {
  return { version: label, ...others }
}

export function toStoredHead(head: Head): StoredHead {
  const { rolledBack, highest } = head
  return { ...head, rolledBack: rolledBack.map(toStored), highest: highest && toStored(highest) }
}

export function fromStoredHead(head: StoredHead): Head {
  const { rolledBack, highest } = head
  return { ...head, ...fromStoredReleases(rolledBack, highest) }
}

/** The fields of a head that name versions of their own. */
export function fromStoredReleases(
  rolledBack: StoredHead['rolledBack'],
  highest: StoredHead['highest'],
): Pick<Head, 'rolledBack' | 'highest'> {
  return { rolledBack: rolledBack.map(fromStored), highest: fromStoredHighest(highest) }
}

export function fromStoredHighest(highest: StoredHead['highest']): Head['highest'] {
  return highest && fromStored(highest)
}
