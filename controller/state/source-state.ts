import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { SourceDocument } from '../../api/contract/registry-api.ts'
import { FINDING_SUBJECTS } from '../../api/contract/schemas/index.ts'
import { canonicalJson, type Json } from '../../api/contract/version.ts'
import type { SourceConfig } from '../configuration/config.ts'
import { clipText } from '../findings/clip-text.ts'
import { Condition } from '../findings/conditions.ts'
import { type Finding, isFindingCode } from '../findings/finding.ts'
import { newestFindings } from '../findings/findings.ts'
import type { RefListing } from '../source/git-source.ts'
import { StoredReport } from './pass-history.ts'

/** How many findings the state keeps, newest first. The registry stores all of them separately. */
export const NEWEST_FINDINGS = 50
const NEWEST_MESSAGE_BYTES = 500
const NEWEST_NAME_BYTES = 1000

const NewestFinding = z.object({
  code: z.string().refine(isFindingCode),
  subject: z.object({ kind: z.enum(FINDING_SUBJECTS), name: z.string() }),
  message: z.string(),
  cause: z.string().nullable(),
  first_seen: z.string(),
})

const QuotaSchema = z.object({
  resource: z.string(),
  limit: z.number(),
  remaining: z.number(),
  reset_at: z.string(),
})

const StateSchema = z.object({
  format: z.literal(2),
  config_digest: z.string(),
  /** Digest of the refs that this state reflects. */
  refs_digest: z.string(),
  attention: z.number(),
  /** Everything up to this commit of the branch and this length of the ledger is settled. */
  watermark: z.object({ commit: z.string(), ledger_length: z.number() }).nullable(),
  /** The pending retry of a failed or incomplete pass. */
  retry: z.object({ attempt: z.number(), not_before: z.string() }).nullable(),
  /** A pass that started to make changes and has not settled: its commit, and whether it compared everything. */
  begun: z.object({ commit: z.string(), full: z.boolean() }).nullable().default(null),
  checked_at: z.string(),
  last_pass: StoredReport.nullable(),
  /** Number of findings by code. */
  finding_counts: z.record(z.string(), z.number()),
  findings: z.array(NewestFinding),
  /** Joined keys (`tagKey`) of tags without an accepted signature. Not verified again until they change. */
  unverified: z.string().default(''),
  /** The held mass change. `of`: the situation in which it was judged. */
  held: z
    .object({ of: z.string(), kind: z.enum(['full', 'changes']), message: z.string() })
    .nullable()
    .default(null),
  /** The situation whose mass change a person confirmed, until it is settled. */
  confirmed: z.string().nullable().default(null),
  /** How many prompts wait for the end of a freeze. */
  waiting: z.number().default(0),
  /**
   * While releases wait for evidence or for another environment, or retirements for the end of reads: a digest of the
   * listed evidence, and when to look again at what no listing shows. Named after its first use: another name would be
   * lost on an older controller that shares the registry, and what waits would wait for ever. "waiting" is taken.
   */
  evidence: z.object({ digest: z.string(), look_again_at: z.string().nullable() }).nullable().default(null),
  /** The commit and blob of the layout in force; `null` for the platform's layout. */
  layout: z.object({ commit: z.string(), blob: z.string() }).nullable().default(null),
  conditions: z.array(Condition).default([]),
  /** The host's request quotas, as last reported. */
  quotas: z.array(QuotaSchema).default([]),
  /** The last ten passes, newest first, without those that found nothing to do. */
  passes: z.array(StoredReport).default([]),
  /**
   * The move of the set that is still to be made; `null` if the set is what the prompts serve. `release`: what it is
   * made for. `passes`: how many ended with a failed promotion since.
   */
  set_due: z
    .object({
      release: z.object({ tag: z.string(), version: z.string() }).nullable(),
      passes: z.number(),
    })
    .nullable()
    .default({ release: null, passes: 0 }),
  /** When the registry was last known to be in line with git. */
  complete_at: z.string().nullable().default(null),
})

export type SourceState = z.output<typeof StateSchema>

/** Parses the state that the registry stores; `null` if there is none, or none that this version can read. */
export function parseState(document: unknown): SourceState | null {
  const parsed = StateSchema.safeParse(document)
  return parsed.success ? parsed.data : null
}

/** Whether the registry hides the state from this caller, who may see no drafts. */
export function isHidden({
  revision,
  state,
  forgotten,
}: Pick<SourceDocument, 'revision' | 'state' | 'forgotten'>): boolean {
  return state === null && revision > 0 && forgotten === null
}

/** The newest findings, clipped for the state. */
export function newestOf(findings: readonly Finding[]): SourceState['findings'] {
  return newestFindings(findings, NEWEST_FINDINGS).map(({ code, subject, message, cause, first_seen }) => ({
    ...{ code, first_seen },
    subject: { kind: subject.kind, name: clipText(subject.name, NEWEST_NAME_BYTES) },
    message: clipText(message, NEWEST_MESSAGE_BYTES),
    cause: cause == null ? null : clipText(cause, NEWEST_MESSAGE_BYTES),
  }))
}

/** Cached, because sources of one repository share a listing, which may have thousands of tags. */
const digests = new WeakMap<RefListing, string>()

/** Changes exactly when the branch or a tag is created, moved or deleted, or a tag is signed again. */
export function refsDigest(listing: RefListing): string {
  const known = digests.get(listing)
  if (known !== undefined) return known
  const digest = digestOf(listing)
  digests.set(listing, digest)
  return digest
}

function digestOf(listing: RefListing): string {
  const hash = createHash('sha256').update(`${listing.branch}\0${listing.commit}\n`)
  for (const { name, commit } of listing.branches) hash.update(`${name}\0${commit}\n`)
  for (const { name, commit, object = '' } of listing.tags) hash.update(`${name}\0${commit}\0${object}\n`)
  return hash.digest('hex')
}

/** Changes exactly when a ref with evidence is created, moved or deleted, or a statement is posted to the registry. */
export function evidenceDigest(
  { evidence = [] }: RefListing,
  { evidence: posted = 0 }: Pick<SourceDocument, 'evidence'>,
): string {
  const hash = createHash('sha256')
  for (const { name, oid } of evidence) hash.update(`${name}\0${oid}\n`)
  if (posted > 0) hash.update(`${posted}`)
  return hash.digest('hex')
}

/** Changes exactly when the configuration changes in a way that can affect the results of a pass. */
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

/** Identifies the input of a mass-change judgement: refs, configuration, and requests for a full pass. */
export function situationOf(
  listing: RefListing,
  { configDigest: config, attention }: { readonly configDigest: string; readonly attention: number },
): string {
  return createHash('sha256')
    .update(`${refsDigest(listing)}\n${config}\n${attention}`)
    .digest('hex')
}
