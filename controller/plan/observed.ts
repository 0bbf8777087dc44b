import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { Release } from '../../api/contract/release.ts'
import type { LayoutInForce } from '../desired/repository-layout.ts'
import type { TagReport } from '../releases/tag-reports.ts'
import type { Oid } from '../source/git-source.ts'

/** A file at a commit as the version that it is. */
export interface DesiredVersion {
  readonly id: string
  readonly path: string
  readonly blob: Oid
  readonly commit: Oid
  readonly label: string
  readonly description: string | null
  readonly tags: readonly string[]
}

/** A version that a tag releases. */
export interface DesiredRelease extends DesiredVersion {
  readonly tag: string
  readonly release: Release
  readonly prerelease: boolean
  /** Whether the repository still has the tag at this commit. */
  readonly listed: boolean
}

export interface Quarantined {
  readonly path: string
  readonly blob: Oid
  readonly reason: string
}

/** A release that covers its whole tree, with the ids that the tree has. */
export interface WholeRelease {
  readonly tag: string
  readonly release: Release
  readonly commit: Oid
  readonly ids: ReadonlySet<string>
}

/** How the branch stands against what the source had. */
export interface Standing {
  /** How many prompts the source had. */
  readonly prompts: number
  /** Ids that the branch no longer has. */
  readonly missing: readonly string[]
  /** Paths of its files that cannot become a version any more. */
  readonly quarantined: readonly string[]
}

/** What a pass looked at. */
export interface Observed {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  /** `first`: nothing was synced before. `full`: everything is compared. `changes`: what moved since. */
  readonly kind: 'first' | 'full' | 'changes'
  /** How the trees were read. */
  readonly layout: Pick<LayoutInForce, 'from' | 'frontMatter' | 'problem'> & {
    /** What the repository's own layout speaks of and the branch does not have. */
    readonly unknownNames: readonly string[]
  }
  /** The ids that files of the branch have, also of those that cannot become a version. */
  readonly branchIds: ReadonlySet<string>
  /** What the branch has: everything, or for `changes` what is new there. */
  readonly drafts: readonly DesiredVersion[]
  /** By prompt, its releases, the newest first; `compareReleaseTags` orders equal ones. */
  readonly releases: ReadonlyMap<string, readonly DesiredRelease[]>
  /** The newest release of all that can promote and covers its whole tree, of those that were looked at. */
  readonly newest: WholeRelease | null
  /** The rows of the prompts that the source owns; not read where there is nothing to compare with. */
  readonly known: ReadonlyMap<string, PromptRow>
  /** `null` where nothing was synced before. */
  readonly standing: Standing | null
  readonly quarantined: readonly Quarantined[]
  readonly ignored: readonly Quarantined[]
  readonly reports: readonly TagReport[]
  /** Tags that count from this pass on. */
  readonly counted: readonly { readonly tag: string; readonly commit: Oid }[]
  /** `null` where the source does not verify tags. */
  readonly verification: {
    readonly mode: 'warn' | 'require'
    /** Keys (`tagKey`) of the tags that nobody who may has signed. */
    readonly unverified: readonly string[]
    /** How many tags are left to the next pass. */
    readonly pending: number
  } | null
}
