import {
  type Additions,
  type BareVersion,
  bareIdentity,
  type FilesBeside,
  fileIdentity,
  filesSha256,
  sha256,
} from '../version.ts'

/** Parts of the identity of a version besides its served fields. */
export interface IdentityParts extends FilesBeside {
  /** The text before the content in the file; `null` for a version without a file. */
  readonly frontMatter: string | null
  readonly additions: Additions | null
}

/** Computes an identity from everything that it covers. */
export function identityOf(
  version: BareVersion,
  { frontMatter, additions, ...beside }: IdentityParts,
): string {
  if (frontMatter === null) return bareIdentity(version)
  return fileIdentity(filesSha256(sha256(frontMatter + version.content), beside), additions)
}
