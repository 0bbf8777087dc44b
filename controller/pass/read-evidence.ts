import {
  type FoundStatement,
  readStatement,
  type UnreadableEvidence,
} from '../../api/contract/attestation/evidence.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { FoundCheck, FoundEvidence } from '../evidence/evidence.ts'
import { createEvidenceJudge } from '../evidence/judge-evidence.ts'
import type { Requirement } from '../evidence/requirement.ts'
import type { DesiredRelease } from '../plan/plan-input.ts'
import { type EvidenceRef, type GitSnapshot, type RefListing, SourceError } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** All that a pass reads from a repository, in bytes. */
const MOST_BYTES_IN_ALL = 64 * 1024 * 1024

export interface EvidenceInput {
  readonly listing: RefListing
  readonly snapshot: Pick<GitSnapshot, 'blobs' | 'checkRuns'>
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Reads the evidence about releases. What cannot be read is part of the result, so that only its releases wait. If
 * the host cannot be reached, the pass fails.
 */
export async function readEvidence(
  { listing, snapshot, now }: EvidenceInput,
  gated: readonly DesiredRelease[],
  require: readonly Requirement[],
): Promise<FoundEvidence> {
  const refsAbout = refsByDigest(listing.evidence ?? [])
  const refsOf = (release: DesiredRelease) => {
    const { identity, payloadSha256 } = release
    const refs = [identity, payloadSha256].flatMap((digest) => refsAbout.get(digest) ?? [])
    return [...new Set(refs)].slice(0, LIMITS.evidence)
  }
  const files = await readFiles(snapshot, new Set(gated.flatMap(refsOf).map(({ oid }) => oid)))
  const statements = new Map(
    gated.map((release) => [release.identity, refsOf(release).map(({ oid }) => files.get(oid) ?? MISSING)]),
  )
  return { at: now, statements, checks: await readChecks(snapshot, gated, require) }
}

/** A ref's name has the identity of the version and the hash of its payload. It is an address and proves nothing. */
const DIGEST = /[0-9a-f]{64}/g

function refsByDigest(refs: readonly EvidenceRef[]): ReadonlyMap<string, readonly EvidenceRef[]> {
  const about = refs.flatMap((ref) => [...new Set(ref.name.match(DIGEST))].map((digest) => ({ digest, ref })))
  const grouped = Map.groupBy(about, ({ digest }) => digest)
  return new Map([...grouped].map(([digest, all]) => [digest, all.map(({ ref }) => ref)]))
}

const MISSING: UnreadableEvidence = { unreadable: 'its ref does not point at a file of the repository' }

async function readFiles(
  snapshot: EvidenceInput['snapshot'],
  oids: ReadonlySet<Oid>,
): Promise<ReadonlyMap<Oid, FoundStatement>> {
  const read = new Map<Oid, FoundStatement>()
  let total = 0
  const add = async (wanted: Iterable<Oid>) => {
    for await (const blob of snapshot.blobs(wanted, LIMITS.evidenceBytes)) {
      if ('bytes' in blob) total += blob.bytes.length
      const isReadable = 'bytes' in blob && total <= MOST_BYTES_IN_ALL
      read.set(blob.oid, isReadable ? readStatement(blob.bytes) : TOO_LARGE)
    }
  }
  if (oids.size === 0) return read
  await add(oids).catch(async (error: unknown) => {
    if (!isMissing(error)) throw error
    // One ref that moved, or that points at a commit, must not hide the others.
    for (const oid of [...oids].filter((one) => !read.has(one)))
      await add([oid]).catch((one: unknown) => {
        if (!isMissing(one)) throw one
      })
  })
  return read
}

const TOO_LARGE: UnreadableEvidence = {
  unreadable: `it has more than ${LIMITS.evidenceBytes / 1024} KiB, or all statements together more than ${MOST_BYTES_IN_ALL / 1024 / 1024} MiB`,
}

function isMissing(error: unknown): boolean {
  return error instanceof SourceError && error.code === 'object_missing'
}

/** The check runs that requirements name, on the commits of the releases. */
async function readChecks(
  { checkRuns }: EvidenceInput['snapshot'],
  gated: readonly DesiredRelease[],
  require: readonly Requirement[],
): Promise<FoundEvidence['checks']> {
  const judge = createEvidenceJudge(require)
  const checks = new Map<Oid, readonly FoundCheck[]>()
  for (const [commit, releases] of Map.groupBy(gated, (release) => release.commit)) {
    const requirements = releases.flatMap(({ id }) => judge.requirementsFor(id)).filter(asksHost)
    for (const name of new Set(requirements.map(({ evidence }) => evidence)))
      checks.set(commit, [...(checks.get(commit) ?? []), ...(await runsOf(checkRuns, commit, name))])
  }
  return checks
}

function asksHost({ from }: Requirement): boolean {
  return from.some((one) => typeof one !== 'string')
}

async function runsOf(
  checkRuns: GitSnapshot['checkRuns'],
  commit: Oid,
  name: string,
): Promise<readonly FoundCheck[]> {
  if (checkRuns === undefined) return [NO_CHECKS]
  return await checkRuns(commit, name).catch((error: unknown) => {
    if (!(error instanceof SourceError) || !REFUSALS.includes(error.code)) throw error
    return [{ unreadable: error.message }]
  })
}

const NO_CHECKS: UnreadableEvidence = {
  unreadable: 'this source is read with git; set type: github to read them',
}

/** The host answered, and another pass would get the same answer. */
const REFUSALS: readonly SourceError['code'][] = ['unauthorized', 'not_found', 'object_missing']
