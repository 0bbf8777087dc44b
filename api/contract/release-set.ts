import { canonicalJson, sha256 } from './version.ts'

/** The versions that a source serves together. Immutable, and named by its digest. */
export interface ReleaseSet {
  readonly source: string
  /** The identity of the version that each prompt serves, by prompt id. */
  readonly members: Readonly<Record<string, string>>
}

/** The canonical JSON of a set, whose SHA-256 is its digest. */
export function setText({ source, members }: ReleaseSet): string {
  return canonicalJson({ source, members })
}

/** 64 hex digits. Equal in every registry for the same source and members. */
export function setDigest(set: ReleaseSet): string {
  return sha256(setText(set))
}

/** The identity of a member; `undefined` if the set does not have the prompt. */
export function memberOf({ members }: ReleaseSet, promptId: string): string | undefined {
  return Object.hasOwn(members, promptId) ? members[promptId] : undefined
}
