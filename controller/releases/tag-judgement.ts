import type { GatherInput } from '../plan/gather.ts'
import { judgeTags, uncountedTags } from '../releases.ts'
import { tagKey, verifyTags } from './unverified-tags.ts'

/**
 * Which of the listed tags count: those of the ledger, and new ones that are on the branch and signed as the source
 * wants it.
 */
export async function lookAtTags(input: GatherInput) {
  const { source, listing, snapshot, ledger, knownUnverified: known } = input
  const uncounted = uncountedTags(listing, ledger, source.releases)
  const commits = new Set(uncounted.map((ref) => ref.commit))
  const reachable =
    source.requireReachable && uncounted.length > 0
      ? await snapshot.reachable([...commits], listing.commit)
      : commits
  const candidates = uncounted.filter((ref) => reachable.has(ref.commit))
  const found = await verifyTags(candidates, listing.tags, { ...input, verify: source.verify, known })
  const unverified = listing.tags.filter(({ name }) => found?.unverified.has(name)).map(tagKey)
  return {
    ...judgeTags(listing, ledger, source.releases, reachable, found),
    verification: found === null ? null : { mode: found.mode, unverified, pending: found.pending.size },
  }
}
