import { createHash } from 'node:crypto'
import type { GitSnapshot, TagRef } from '../source/git-source.ts'
import { smallTagObjects } from '../source/small-tag-objects.ts'
import { compareNames } from '../values/compare-names.ts'
import type { VerifyConfig } from '../verification/settings.ts'
import { createTagVerifier } from '../verification/verify-tag.ts'
import type { Ledger } from './ledger.ts'

/** The source's verification settings, and the results of earlier passes. */
export interface VerificationInput {
  readonly verify: VerifyConfig | undefined
  readonly snapshot: Pick<GitSnapshot, 'tagObjects'>
  readonly ledger: Ledger
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly known: KnownUnverified
}

/** Tags that an earlier pass found unverified. A tag object never changes, so only new ones are verified. */
export interface KnownUnverified {
  /** Keys of tags (`tagKey`). */
  readonly keys: ReadonlySet<string>
  /** Why each tag is not verified, by name, if still known. */
  readonly problems: ReadonlyMap<string, string>
  /** Judge them again, because the allowed signers may have changed or a person asked for it. */
  readonly again: boolean
}

/** The verdicts on tags. */
export interface TagVerification {
  readonly mode: 'warn' | 'require'
  /** Why a tag has no accepted signature, by name, as a clause about the tag. */
  readonly unverified: ReadonlyMap<string, string>
  /** Signers of the tags that this pass verified, by tag name. */
  readonly signers: ReadonlyMap<string, string>
  /** Names of tags left to the next pass, because the host serves only some tag objects per pass. */
  readonly pending: ReadonlySet<string>
}

/**
 * Verifies `candidates`, the new tags that would count, and tags that count although they were not verified
 * before. Returns `null` if the source does not verify tags.
 */
export async function verifyTags(
  candidates: readonly TagRef[],
  listed: readonly TagRef[],
  { verify, snapshot, ledger, now, known }: VerificationInput,
): Promise<TagVerification | null> {
  if (verify === undefined || verify.tags === 'off') return null
  const { keys, problems, again } = known
  const isKnown = (ref: TagRef) => keys.size > 0 && keys.has(tagKey(ref))
  const unverified = new Map<string, string>()
  const signers = new Map<string, string>()
  const pending = new Set<string>()

  const judged = [...candidates, ...listed.filter((ref) => ledger.has(ref.name) && isKnown(ref))]
  const open = judged.filter((ref) => again || !isKnown(ref)).sort(newestFirst)
  for (const { name } of judged.filter((one) => !again && isKnown(one)))
    unverified.set(name, problems.get(name) ?? 'it is unchanged since the last check')
  const verifyTag = createTagVerifier(verify)
  const asked = open.flatMap(({ object }) => object ?? [])
  const { objects, tooLarge } = await smallTagObjects(snapshot, asked)
  for (const ref of open) {
    if (ref.object !== undefined && tooLarge.has(ref.object)) {
      unverified.set(ref.name, 'its tag object has more than 1 MiB')
      continue
    }
    const signature = ref.object === undefined ? null : objects.get(ref.object)?.signature
    const verdict = signature === undefined ? null : await verifyTag(ref, signature, now)
    if (verdict === null) pending.add(ref.name)
    else if (verdict.verified) signers.set(ref.name, verdict.signer)
    else unverified.set(ref.name, verdict.problem)
  }
  return { mode: verify.tags, unverified, signers, pending }
}

/** Newest first, judging by names, so that a host with a rate limit serves the newest tag objects first. */
function newestFirst(a: TagRef, b: TagRef): number {
  return compareNames(b.name, a.name)
}

const KEY_LENGTH = 6
const MOST_KEYS = 5000

/** A short key of a tag and its object. The state has room for thousands of these. */
export function tagKey({ name, commit, object = commit }: TagRef): string {
  return createHash('sha256').update(`${name}\0${object}`).digest('base64url').slice(0, KEY_LENGTH)
}

/** Keeps `MOST_KEYS` keys. The other tags are judged again in every pass. */
export function joinKeys(keys: readonly string[]): string {
  return keys.slice(0, MOST_KEYS).join('')
}

export function splitKeys(joined: string): ReadonlySet<string> {
  return new Set(joined.match(new RegExp(`.{${KEY_LENGTH}}`, 'g')))
}
