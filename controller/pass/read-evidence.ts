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
 * Reads the evidence about releases, some at a time, each file and each check once. What cannot be read is part of the
 * result, so that only its releases wait. If the host cannot be reached, the pass fails.
 */
export function createEvidenceReader(
  { listing, snapshot, now }: EvidenceInput,
  require: readonly Requirement[],
): (gated: readonly DesiredRelease[]) => Promise<FoundEvidence> {
  const refsAbout = refsByDigest(listing.evidence ?? [])
  const refsOf = (release: DesiredRelease) => {
    const { identity, payloadSha256 } = release
    const refs = [identity, payloadSha256].flatMap((digest) => refsAbout.get(digest) ?? [])
    return [...new Set(refs)].slice(0, LIMITS.evidence)
  }
  const files = createFileReader(snapshot)
  const checks = createCheckReader(snapshot, require)
  return async (gated) => {
    const read = await files(new Set(gated.flatMap(refsOf).map(({ oid }) => oid)))
    const statements = new Map(
      gated.map((release) => [release.identity, refsOf(release).map(({ oid }) => read.get(oid) ?? MISSING)]),
    )
    return { at: now, statements, checks: await checks(gated) }
  }
}

/** A ref's name has the identity of the version and the hash of its payload. It is an address and proves nothing. */
const DIGEST = /[0-9a-f]{64}/g

function refsByDigest(refs: readonly EvidenceRef[]): ReadonlyMap<string, readonly EvidenceRef[]> {
  const about = refs.flatMap((ref) => [...new Set(ref.name.match(DIGEST))].map((digest) => ({ digest, ref })))
  const grouped = Map.groupBy(about, ({ digest }) => digest)
  return new Map([...grouped].map(([digest, all]) => [digest, all.map(({ ref }) => ref)]))
}

const MISSING: UnreadableEvidence = { unreadable: 'its ref does not point at a file of the repository' }

function createFileReader(snapshot: EvidenceInput['snapshot']) {
  const read = new Map<Oid, FoundStatement>()
  let total = 0
  const add = async (wanted: Iterable<Oid>) => {
    for await (const blob of snapshot.blobs(wanted, LIMITS.evidenceBytes)) {
      if ('bytes' in blob) total += blob.bytes.length
      const isReadable = 'bytes' in blob && total <= MOST_BYTES_IN_ALL
      read.set(blob.oid, isReadable ? readStatement(blob.bytes) : TOO_LARGE)
    }
  }
  return async (oids: ReadonlySet<Oid>): Promise<ReadonlyMap<Oid, FoundStatement>> => {
    const wanted = [...oids].filter((oid) => !read.has(oid))
    if (wanted.length === 0) return read
    await add(wanted).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error
      // One ref that moved, or that points at a commit, must not hide the others.
      for (const oid of wanted.filter((one) => !read.has(one)))
        await add([oid]).catch((one: unknown) => {
          if (!isMissing(one)) throw one
        })
    })
    return read
  }
}

const TOO_LARGE: UnreadableEvidence = {
  unreadable: `it has more than ${LIMITS.evidenceBytes / 1024} KiB, or all statements together more than ${MOST_BYTES_IN_ALL / 1024 / 1024} MiB`,
}

function isMissing(error: unknown): boolean {
  return error instanceof SourceError && error.code === 'object_missing'
}

/** Reads the check runs that requirements name, on the commits of the releases. */
function createCheckReader({ checkRuns }: EvidenceInput['snapshot'], require: readonly Requirement[]) {
  const judge = createEvidenceJudge(require)
  const known = new Map<string, readonly FoundCheck[]>()
  const read = async (commit: Oid, name: string) => {
    const key = `${commit} ${name}`
    const runs = known.get(key) ?? (await runsOf(checkRuns, commit, name))
    known.set(key, runs)
    return runs
  }
  return async (gated: readonly DesiredRelease[]): Promise<FoundEvidence['checks']> => {
    const checks = new Map<Oid, readonly FoundCheck[]>()
    for (const [commit, releases] of Map.groupBy(gated, (release) => release.commit)) {
      const requirements = releases.flatMap(({ id }) => judge.requirementsFor(id)).filter(asksHost)
      for (const name of new Set(requirements.map(({ evidence }) => evidence)))
        checks.set(commit, [...(checks.get(commit) ?? []), ...(await read(commit, name))])
    }
    return checks
  }
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
