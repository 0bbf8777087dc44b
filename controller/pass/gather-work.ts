import type { SourceHoldLine } from '../../api/contract/release-line.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import type { FileToRead } from '../prompts/file-to-read.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import type { FileReadings } from '../prompts/read-files.ts'
import type { PromptTree } from '../prompts/tree.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import type { SetDue } from '../state/set-due.ts'
import type { ReadTags, TagsInput } from './read-tags.ts'
import type { OwnedRows, RegistryReads } from './registry-reads.ts'
import type { ReleaseFiles } from './release-files.ts'
import type { TreeLayouts } from './tree-layouts.ts'

/** What a pass gathers, and takes to plan it. */

export interface GatherInput extends TagsInput {
  readonly snapshot: GitSnapshot
  readonly kind: PlanInput['kind']
  readonly promptsAtOnce: number | undefined
  /** The branch's last settled commit; `null` if there is none, or if it is gone. */
  readonly since: Oid | null
  /** Tags that earlier passes have settled. */
  readonly settledTags: ReadonlySet<string>
  readonly remembered: Remembered
  /** Paths of files with findings before the pass. */
  readonly reported: ReadonlySet<string>
  readonly registry: RegistryReads
  /** The move of the set that an earlier pass left. */
  readonly setDue: SetDue
  readonly sourceHold: SourceHoldLine | null
}

/** What earlier passes left. */
export interface Remembered {
  readonly layout: LayoutInForce['from']
  /** Paths of quarantined files. */
  readonly quarantined: ReadonlySet<string>
  /** Keys of the ids of prompts with findings that only a full pass can clear. */
  readonly open: ReadonlySet<string>
}

/** The branch's tree and the classified tags, of which the files are read next. */
export type GatherWork = GatherInput & {
  readonly trees: TreeLayouts
  readonly branch: { readonly tree: PromptTree; readonly layout: LayoutInForce }
  readonly tags: ReadTags
}

/** The files read from the repository. */
export interface ReadFiles {
  readonly kind: PlanInput['kind']
  /** The branch's files that changed; none if everything is compared. */
  readonly drafts: readonly FileToRead[]
  readonly releases: ReleaseFiles
  /** Tags whose trees were read. */
  readonly fresh: readonly CandidateTag[]
  readonly readings: FileReadings
  /** The branch at its last settled commit; `null` if everything is compared. */
  readonly before: PromptTree | null
  /** The same, whatever is compared; `null` if no prompt is gone, or if the commit is. */
  readonly former: PromptTree | null
  /** The source's prompts in the registry; `null` unless everything is compared. */
  readonly owned: OwnedRows | null
}

/** The versions in git, and the prompts that are gone from it. */
export interface Versions {
  readonly drafts: PlanInput['drafts']
  readonly releases: PlanInput['releases']
  readonly gone: PlanInput['gone']
}

/** Some of the prompts: their files, the versions in them, and their rows in the registry. */
export interface ReadPart {
  /** Every id in git that may be one of these prompts in another spelling. */
  readonly ids: Iterable<string>
  readonly drafts: readonly FileToRead[]
  readonly releaseFiles: ReleaseFiles['files']
  readonly versions: Versions
  readonly registry: PlanInput['registry']
}

/** Takes the prompts, part by part. It is called once the files are read, and again if more of them are. */
export type TakeParts = (files: ReadFiles) => (part: ReadPart) => Promise<void>
