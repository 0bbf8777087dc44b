import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson, type Json } from '../../api/contract/version.ts'
import type { SourceConfig } from '../config.ts'
import type { RefListing } from '../source/git-source.ts'
import { Condition } from './conditions.ts'
import { PassSummary } from './pass-history.ts'

/** What a state keeps of a list, so that long paths do not outgrow it; the counts tell how many there were. */
const MOST_ENTRIES = 200
const MOST_ENTRIES_BYTES = 96 * 1024

const Finding = z.object({ kind: z.string(), subject: z.string(), message: z.string() })
const Quarantine = z.object({ path: z.string(), blob: z.string(), reason: z.string() })

const QuotaSchema = z.object({
  resource: z.string(),
  limit: z.number(),
  remaining: z.number(),
  reset_at: z.string(),
})

const StateSchema = z.object({
  format: z.literal(1),
  config_digest: z.string(),
  /** Of the ref listing that this state answers to. */
  refs_digest: z.string(),
  attention: z.number(),
  /** Up to where everything is settled: a commit of the branch and a length of the ledger. */
  watermark: z.object({ commit: z.string(), ledger_length: z.number() }).nullable(),
  /** What failed is tried again. */
  retry: z.object({ attempt: z.number(), not_before: z.string() }).nullable(),
  /** Towards which commit a pass made changes that are not settled, and whether it compared everything. */
  begun: z.object({ commit: z.string(), full: z.boolean() }).nullable().default(null),
  checked_at: z.string(),
  last_pass: PassSummary.nullable(),
  quarantined: z.array(Quarantine),
  /** How many files there were; `quarantined` has the first of them. */
  quarantined_count: z.number().default(0),
  findings: z.array(Finding),
  /** Keys (`tagKey`) of tags that nobody who may has signed, joined: they are not judged again while nothing changes. */
  unverified: z.string().default(''),
  /** A pass that would have changed too much; `of` names the situation that it was judged in. */
  held: z
    .object({ of: z.string(), kind: z.enum(['full', 'changes']), message: z.string() })
    .nullable()
    .default(null),
  /** The situation whose mass change a person let through, until it is settled. */
  confirmed: z.string().nullable().default(null),
  /** Promotions that wait for the end of a freeze. */
  waiting: z.number().default(0),
  /** Where the layout that is in force was read; `null` where it is the platform's. */
  layout: z.object({ commit: z.string(), blob: z.string() }).nullable().default(null),
  conditions: z.array(Condition).default([]),
  /** What the host said last about the requests that are left. */
  quotas: z.array(QuotaSchema).default([]),
  /** The last ten passes that were more than a look, the newest first. */
  passes: z.array(PassSummary).default([]),
  /** When all that git has was last known to be in the registry. */
  complete_at: z.string().nullable().default(null),
})

/** Something that a person should know of: a moved tag, a refused prompt, a held release. */
export type Finding = z.output<typeof Finding>
export type SourceState = z.output<typeof StateSchema>

/** The state that the registry keeps for the controller; `null` where there is none that this version can read. */
export function parseState(document: unknown): SourceState | null {
  const parsed = StateSchema.safeParse(document)
  return parsed.success ? parsed.data : null
}

export function firstEntries<T>(list: readonly T[]): T[] {
  let bytes = 0
  const end = list.findIndex((entry, index) => {
    bytes += Buffer.byteLength(JSON.stringify(entry), 'utf8')
    return index === MOST_ENTRIES || bytes > MOST_ENTRIES_BYTES
  })
  return end === -1 ? [...list] : list.slice(0, end)
}

/** Sources of one repository share a listing, which may have thousands of tags. */
const digests = new WeakMap<RefListing, string>()

/** Changes exactly when the branch or a tag was made, moved or deleted, or a tag was signed anew. */
export function refsDigest(listing: RefListing): string {
  const known = digests.get(listing)
  if (known !== undefined) return known
  const digest = digestOf(listing)
  digests.set(listing, digest)
  return digest
}

function digestOf(listing: RefListing): string {
  const hash = createHash('sha256').update(`${listing.branch}\0${listing.commit}\n`)
  for (const { name, commit, object = '' } of listing.tags) hash.update(`${name}\0${commit}\0${object}\n`)
  return hash.digest('hex')
}

/** Changes exactly when a pass under this configuration could come to other results, at some time. */
export function configDigest(source: SourceConfig): string {
  const {
    schedule: _,
    credentials: __,
    webhook: ___,
    suspended: ____,
    freeze: _____,
    reports: ______,
    ...rest
  } = source
  const relevant = JSON.parse(JSON.stringify(rest)) as Json
  return createHash('sha256').update(canonicalJson(relevant)).digest('hex')
}

/** What a pass is judged in: the same refs, configuration and calls for attention give the same judgement. */
export function situationOf(
  listing: RefListing,
  { configDigest: config, attention }: { readonly configDigest: string; readonly attention: number },
): string {
  return createHash('sha256')
    .update(`${refsDigest(listing)}\n${config}\n${attention}`)
    .digest('hex')
}
