import type { ErrorCode } from '../../api/contract/errors.ts'
import type { Release } from '../../api/contract/release.ts'
import type { MetRequirement } from '../evidence/judge-evidence.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import type { Oid } from '../source/oid.ts'

/** A planned change. Each one has an effect: a plan never contains a no-op. */
export type PlannedChange =
  | PushChange
  | PromoteChange
  | NameChange
  | ArchiveChange
  | RetireChange
  | HealChange

export interface PushChange extends Omit<DesiredVersion, 'unsafe' | 'inputs' | 'description' | 'tags'> {
  readonly do: 'push'
  /** Whether the version becomes the latest, because it is the one on the branch. */
  readonly latest: boolean
  /** False if the registry already has the version and only latest, the owner or the archived flag changes. */
  readonly creates: boolean
  /** The previous latest version; `null` if none. */
  readonly from: string | null
}

/** A version of a prompt, and the release tag that caused the change. */
export interface OfRelease {
  readonly id: string
  readonly version: string
  readonly identity: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
}

export interface PromoteChange extends OfRelease {
  readonly do: 'promote'
  /** The previous stable version; `null` if none. */
  readonly from: string | null
  /** False if the version is already stable and only gets a higher release. */
  readonly swaps: boolean
  /** The evidence that was required and found. */
  readonly evidence: readonly MetRequirement[]
}

/** Names a version after a release without promoting it. */
export interface NameChange extends OfRelease {
  readonly do: 'name'
  /** `counts`: releases the version. `waits`: will release it later. `names`: a pre-release, name only. */
  readonly standing: 'counts' | 'waits' | 'names'
}

/** The branch no longer has the prompt, or an archived prompt has another target. */
export interface ArchiveChange {
  readonly do: 'archive'
  readonly id: string
  readonly commit: Oid
  /** The id under which the branch has the prompt now; `null` if it does not have it. */
  readonly movedTo: string | null
}

/** A release of the whole tree no longer has the prompt. */
export interface RetireChange {
  readonly do: 'retire'
  readonly id: string
  readonly release: Release
  readonly tag: string
  readonly commit: Oid
  readonly from: string | null
}

/** Restores a stable or latest version that was set by hand. */
export interface HealChange {
  readonly do: 'heal'
  readonly id: string
  readonly stable: Pick<OfRelease, 'version' | 'identity' | 'release'> | null
  readonly latest: Pick<OfRelease, 'version' | 'identity'> | null
}

/** The changes of one prompt, in the order in which they are applied. */
export interface PromptChanges {
  readonly id: string
  readonly changes: readonly PlannedChange[]
}

/** Every change of a plan, in the order in which they are applied. Packed lists make them anew. */
export function* eachChange({
  current,
  backfill,
}: {
  readonly current: Iterable<PromptChanges>
  readonly backfill: Iterable<PromptChanges>
}): Generator<PlannedChange, void, undefined> {
  for (const stage of [current, backfill]) for (const { changes } of stage) yield* changes
}

export function countChanges(plan: Parameters<typeof eachChange>[0]): number {
  let count = 0
  for (const _ of eachChange(plan)) count++
  return count
}

/** What applying a plan needs to know of all changes. */
export interface ChangeSummary {
  readonly current: number
  readonly total: number
  /** The release tags that cause changes, and their commits. */
  readonly tags: ReadonlySet<string>
  readonly commits: ReadonlySet<Oid>
}

/** Reads the changes once: packed, 200,000 of them take a second. */
export function summaryOfChanges({ current, backfill }: Parameters<typeof eachChange>[0]): ChangeSummary {
  const tags = new Set<string>()
  const commits = new Set<Oid>()
  const counts = [current, backfill].map((stage) => {
    let count = 0
    for (const { changes } of stage)
      for (const change of changes) {
        count++
        if (!('tag' in change)) continue
        tags.add(change.tag)
        commits.add(change.commit)
      }
    return count
  })
  const [first = 0, second = 0] = counts
  return { current: first, total: first + second, tags, commits }
}

/** A change that is skipped because the registry would refuse it. */
export interface RefusedChange {
  readonly change: PlannedChange
  readonly code: ErrorCode
  /** An error message for people, with what to do next. */
  readonly message: string
}

/** The kinds of change that reports count. */
export const CHANGE_KINDS = ['push', 'promote', 'name', 'archive', 'retire', 'heal'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** Names a push or a promotion within its plan, because packed lists make changes anew. */
export function changeKey(change: PlannedChange): string {
  return 'identity' in change ? `${change.do} ${change.id} ${change.identity}` : `${change.do} ${change.id}`
}

/** A higher release of the current stable version only names it. */
export function kindOf(change: PlannedChange): ChangeKind {
  return change.do === 'promote' && !change.swaps ? 'name' : change.do
}
