import { createHash } from 'node:crypto'
import type { Ledger } from '../releases.ts'
import type { GitSnapshot, TagRef } from '../source/git-source.ts'
import type { VerifyConfig } from '../verification/settings.ts'
import { createTagVerifier } from '../verification/verify-tag.ts'
import { type TagReport, unverifiedReport } from './tag-reports.ts'

/** What a source says of signatures, and what is known of its tags already. */
export interface VerificationInput {
  readonly verify: VerifyConfig | undefined
  readonly snapshot: GitSnapshot
  readonly ledger: Ledger
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly known: KnownUnverified
}

/** A tag object never changes, so neither does what was said of it: only what is new is asked for and judged. */
export interface KnownUnverified {
  /** Keys of tags (`tagKey`). */
  readonly keys: ReadonlySet<string>
  /** By tag, as far as it was kept. */
  readonly messages: ReadonlyMap<string, string>
  /** Judges them again: somebody else may sign now, or a person asks for it. */
  readonly again: boolean
}

/** Whose signatures are missing, where a source verifies tags. */
export interface Verification {
  readonly mode: 'warn' | 'require'
  /** By name, the tags that nobody who may has signed. */
  readonly unverified: ReadonlyMap<string, TagReport>
  /** Names of tags that are left to the next pass, since a host gives only so many tag objects at a time. */
  readonly pending: ReadonlySet<string>
}

/**
 * `candidates`: new tags that would count. Tags that counted are looked at only where they were not verified before.
 * `null` where the source does not verify tags.
 */
export async function verifyTags(
  candidates: readonly TagRef[],
  listed: readonly TagRef[],
  { verify, snapshot, ledger, now, known }: VerificationInput,
): Promise<Verification | null> {
  if (verify === undefined || verify.tags === 'off') return null
  const { keys, messages, again } = known
  const isKnown = (ref: TagRef) => keys.size > 0 && keys.has(tagKey(ref))
  const counts = ({ name }: TagRef) => verify.tags === 'warn' || ledger.has(name)
  const unverified = new Map<string, TagReport>()
  const pending = new Set<string>()

  const judged = [...candidates, ...listed.filter((ref) => ledger.has(ref.name) && isKnown(ref))]
  const open = judged.filter((ref) => again || !isKnown(ref)).sort(newestFirst)
  for (const ref of judged.filter((one) => !again && isKnown(one))) {
    const report = unverifiedReport(ref, 'it is as it was when it was looked at', counts(ref))
    unverified.set(ref.name, { ...report, message: messages.get(ref.name) ?? report.message })
  }
  const verifyTag = createTagVerifier(verify)
  const signatures = await snapshot.tagSignatures(open.flatMap(({ object }) => object ?? []))
  for (const ref of open) {
    const signature = ref.object === undefined ? null : signatures.get(ref.object)
    const verdict = signature === undefined ? null : await verifyTag(ref, signature, now)
    if (verdict === null) pending.add(ref.name)
    else if (!verdict.verified) unverified.set(ref.name, unverifiedReport(ref, verdict.problem, counts(ref)))
  }
  return { mode: verify.tags, unverified, pending }
}

/** As far as names tell: whoever is given only some tag objects gets those of the newest releases. */
const BY_NAME = new Intl.Collator('en', { numeric: true })

function newestFirst(a: TagRef, b: TagRef): number {
  return BY_NAME.compare(b.name, a.name)
}

const KEY_LENGTH = 6
const MOST_KEYS = 5000

/** Names a tag and its object, in few characters: a state has room for thousands of these. */
export function tagKey({ name, commit, object = commit }: TagRef): string {
  return createHash('sha256').update(`${name}\0${object}`).digest('base64url').slice(0, KEY_LENGTH)
}

/** Those beyond the first thousands are judged again in every pass. */
export function joinKeys(keys: readonly string[]): string {
  return keys.slice(0, MOST_KEYS).join('')
}

export function splitKeys(joined: string): ReadonlySet<string> {
  return new Set(joined.match(new RegExp(`.{${KEY_LENGTH}}`, 'g')))
}
