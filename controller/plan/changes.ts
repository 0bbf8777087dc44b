import type { Release } from '../../api/contract/release.ts'
import type { Oid } from '../source/git-source.ts'
import type { DesiredVersion } from './observed.ts'

export interface PushChange extends DesiredVersion {
  readonly do: 'push'
  /** Whether the version becomes the latest: it is what the branch has. */
  readonly latest: boolean
}

export interface NamingChange {
  /** `alias` names the version without promoting it. */
  readonly do: 'promote' | 'alias'
  readonly id: string
  readonly label: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
  /** The release is news, and only names its version because the prompt is frozen. */
  readonly held?: true
  /** The release is news, and only names its version because nothing is promoted until then. */
  readonly frozenUntil?: string
  /** The tag is news, and only names its version because its prompt has this higher release. */
  readonly below?: Release
}

/** The branch does not have the prompt any more. */
export interface ArchiveChange {
  readonly do: 'archive'
  readonly id: string
  readonly commit: Oid
}

/** A release that covers everything does not have the prompt any more. */
export interface RetireChange {
  readonly do: 'retire'
  readonly id: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
}

export type Change = PushChange | NamingChange | ArchiveChange | RetireChange

/** The changes of one prompt, to be made in this order. */
export interface PromptChanges {
  readonly id: string
  readonly changes: readonly Change[]
}
