import type { SourceConfig } from '../configuration/config.ts'
import { type ClassifiedTags, classifyTags, uncountedTags } from '../releases/classify-tags.ts'
import type { Ledger } from '../releases/ledger.ts'
import { type KnownUnverified, type TagVerification, verifyTags } from '../releases/verify-tags.ts'
import type { GitSnapshot, RefListing } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { compileGlob } from '../values/glob.ts'

export interface TagsInput {
  readonly source: SourceConfig
  readonly listing: RefListing
  readonly snapshot: Pick<GitSnapshot, 'reachable' | 'tagObjects'>
  readonly ledger: Ledger
  readonly known: KnownUnverified
  /** Milliseconds since the epoch. */
  readonly now: number
}

export type ReadTags = ClassifiedTags & { readonly verification: TagVerification | null }

/**
 * Decides which listed tags count: those in the ledger, and new ones that are on a release branch and signed as
 * the source requires.
 */
export async function readTags(input: TagsInput): Promise<ReadTags> {
  const { source, listing, snapshot, ledger } = input
  const uncounted = uncountedTags(listing, ledger, source.releases)
  const commits = new Set(uncounted.map(({ commit }) => commit))
  const tips = [listing.commit, ...releaseTips(source, listing)]
  const reachable =
    source.requireReachable && commits.size > 0 ? await snapshot.reachable([...commits], tips) : commits
  const candidates = uncounted.filter(({ commit }) => reachable.has(commit))
  const verification = await verifyTags(candidates, listing.tags, { ...input, verify: source.verify })
  const classified = classifyTags({
    listing,
    ledger,
    patterns: source.releases,
    prereleases: source.prereleases,
    reachable,
    branches: branchNames(source, listing),
    verification,
  })
  return { ...classified, verification }
}

/** Filters the listing, which has the release branches of every source of the repository. */
function releaseTips({ releaseBranches }: SourceConfig, { branches }: RefListing): Oid[] {
  const matchers = releaseBranches.map((pattern) => compileGlob(pattern))
  return branches.filter(({ name }) => matchers.some((matches) => matches(name))).map(({ commit }) => commit)
}

function branchNames({ releaseBranches }: SourceConfig, { branch }: RefListing): string {
  const others = releaseBranches.filter((pattern) => pattern !== branch)
  const last = others.pop()
  return last === undefined ? `branch ${branch}` : `branch ${[branch, ...others].join(', ')} or ${last}`
}
