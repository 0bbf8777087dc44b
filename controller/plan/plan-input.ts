import type { PromptUse } from '../../api/contract/prompt-use.ts'
import type { LookedUpPrompt } from '../../api/contract/registry-api.ts'
import type { Release } from '../../api/contract/release.ts'
import type { SourceHoldLine } from '../../api/contract/release-line.ts'
import type { FoundEvidence } from '../evidence/evidence.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { PassScope } from '../findings/findings.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { Oid } from '../source/oid.ts'
import type { Moves } from './moves.ts'
import type { SetInput } from './planned-set.ts'

/** A version that a tag releases. */
export interface DesiredRelease extends DesiredVersion {
  readonly tag: string
  readonly release: Release
  readonly prerelease: boolean
  /** Whether no pass has settled the tag yet. */
  readonly isNew: boolean
  /** Whether the repository still has the tag where it first counted. */
  readonly listed: boolean
}

/** A release of a whole tree, with the ids of all prompts in it. */
export interface WholeRelease {
  readonly tag: string
  readonly release: Release
  readonly commit: Oid
  readonly ids: Ids
}

/** The branch compared with the source's previous prompts. */
export interface BranchComparison {
  /** How many prompts the source had. */
  readonly prompts: number
  /** Ids that the branch no longer has. */
  readonly missing: readonly string[]
  /** Ids with a file on the branch that can no longer become a version. */
  readonly quarantined: readonly string[]
}

/** `first`: nothing is synced yet. `full`: compares everything. `changes`: only changes since the last pass. */
export type PassKind = 'first' | 'full' | 'changes'

/** A tag that counts from this pass on. */
export interface NewTag {
  readonly tag: string
  readonly commit: Oid
}

/** A release tag in git, for the audit trail. */
export interface TagOrigin {
  readonly commit: Oid
  readonly object: Oid | null
  /** `null` if the source does not verify tags, or the tag is not verified. */
  readonly signer: string | null
}

/** Where prompts went that the branch no longer has. */
export interface PlannedMoves {
  readonly declared: Moves
  /** Found by their text. They count only if the registry takes the new prompt. */
  readonly found: Moves
}

/** Ids of prompts that can only be asked for. */
export type Ids = Pick<ReadonlySet<string>, 'has'>

/** The input for the changes of some prompts: their state in git and in the registry. */
export interface PromptsInput {
  readonly source: string
  readonly commit: Oid
  readonly kind: PassKind
  /** Ids of all prompt files on the branch, including those that cannot become a version. */
  readonly branchIds: Ids
  /** The branch's versions: all of them, or only the new ones for `changes`. */
  readonly drafts: readonly DesiredVersion[]
  /** Releases by prompt id, newest first; `compareReleaseTags` orders equal ones. */
  readonly releases: ReadonlyMap<string, readonly DesiredRelease[]>
  /** The newest of the releases read that can promote and covers its whole tree. */
  readonly newest: WholeRelease | null
  /** Ids removed from the branch; in a full pass, all ids that the source owns but the branch does not have. */
  readonly gone: readonly string[]
  readonly moves: PlannedMoves
  /** The registry's prompts that the plan may change, by id. */
  readonly registry: ReadonlyMap<string, LookedUpPrompt>
  /** Evidence about the releases that the plan may promote. */
  readonly evidence: FoundEvidence
  /** The prompts that the plan would retire and that somebody reads, by id. Default: none. */
  readonly inUse?: ReadonlyMap<string, PromptUse>
  /** Since a person rolled the source back; `null` if none. */
  readonly sourceHold: SourceHoldLine | null
}

/** The input of a plan that is not about single prompts. */
export interface WholeInput {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  readonly kind: PassKind
  /** Where the layout in force was read. */
  readonly layout: Pick<LayoutInForce, 'from'>
  /** How many prompts the source owns; 0 for `changes`. */
  readonly owned: number
  /** `null` if nothing is synced yet. */
  readonly standing: BranchComparison | null
  readonly ignored: readonly { readonly path: string; readonly reason: string }[]
  /** Findings about files, tags, directories and the layout. */
  readonly findings: readonly NewFinding[]
  readonly scope: PassScope
  readonly counted: readonly NewTag[]
  /** Tags that count but that no pass has settled yet, including those of an interrupted pass. */
  readonly unsettled: readonly NewTag[]
  readonly tags: ReadonlyMap<string, TagOrigin>
  /** Keys (`tagKey`) of tags without an accepted signature. */
  readonly unverified: readonly string[]
  readonly set: SetInput
}

/** Everything that a plan is made from: the state of git and of the registry. */
export type PlanInput = PromptsInput & WholeInput
