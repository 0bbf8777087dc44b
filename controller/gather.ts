import type { PromptRow } from '../api/contract/registry-api.ts'
import type { Release } from '../api/contract/release.ts'
import type { SourceConfig } from './config.ts'
import { createTreeReader, type DesiredTree, type PromptFile } from './desired.ts'
import type { DesiredRelease, DesiredVersion, Observed, Quarantined } from './plan.ts'
import { MOST_FILE_BYTES, type PromptText, readPromptText } from './prompt-text.ts'
import {
  type Coverage,
  compareReleaseTags,
  coverageOf,
  judgeTags,
  type Ledger,
  noCommitReport,
  noSuchPromptReport,
  type ReleaseTag,
  type TagReport,
  uncountedTags,
  unreadablePromptReport,
} from './releases.ts'
import { type GitSnapshot, type Oid, type RefListing, SourceError } from './source/git-source.ts'

/** What there is to gather from. */
export interface GatherInput {
  readonly source: SourceConfig
  readonly listing: RefListing
  readonly snapshot: GitSnapshot
  readonly ledger: Ledger
  readonly kind: Observed['kind']
  /** For `changes`: what was settled before. */
  readonly since: {
    readonly commit: Oid
    readonly settledTags: ReadonlySet<string>
    readonly quarantined: readonly Quarantined[]
  } | null
  /** Reads the rows of the source's prompts; called at most once, and only where they are needed. */
  readonly readRows: () => Promise<ReadonlyMap<string, PromptRow>>
}

/** A text without its content: what a plan needs of it. */
type Facts = Pick<PromptText, 'label' | 'description' | 'tags'> | { readonly problem: string }

type FileAtTag = PromptFile & { readonly tag: ReleaseTag & { readonly coverage: Coverage } }

/** Reads from the repository and the registry what a plan is made of. */
export async function gather(input: GatherInput): Promise<Observed> {
  const { source, listing, snapshot, kind, since } = input
  const readTree = createTreeReader(source)
  const branchTree = readTree(await snapshot.tree(listing.commit))
  const before = since === null ? null : readTree(await snapshot.tree(since.commit))
  const draftFiles = before === null ? branchTree.files : changedFiles(before, branchTree)

  const judged = await judge(input)
  const fresh = judged.releases.filter((tag) => since === null || !since.settledTags.has(tag.tag))
  const treeAt = async (commit: Oid) => {
    const entries = await unlessMissing(snapshot.tree(commit))
    return entries === null ? null : readTree(entries)
  }
  const tags = await readReleaseTags(input, fresh, treeAt)
  const facts = await readAllFacts(input, draftFiles, [...tags.files.values()].flat())

  return {
    source: source.name,
    branch: listing.branch,
    commit: listing.commit,
    kind,
    drafts: draftFiles.flatMap((file) => versionOf(file, listing.commit, facts)),
    releases: new Map(
      [...tags.files].map(([id, files]) => [id, files.flatMap((file) => releaseOf(file, facts))]),
    ),
    known: kind === 'changes' && tags.files.size === 0 ? new Map() : await input.readRows(),
    quarantined: quarantinedFiles(branchTree, draftFiles, facts, since?.quarantined ?? []),
    ignored: branchTree.ignored,
    reports: [...judged.reports, ...tags.reports, ...unreadableReports(tags.files, facts)],
    counted: tags.counted,
  }
}

async function judge({ source, listing, snapshot, ledger }: GatherInput) {
  const uncounted = uncountedTags(listing, ledger, source.releases).map((ref) => ref.commit)
  const reachable =
    source.requireReachable && uncounted.length > 0
      ? await snapshot.reachable([...new Set(uncounted)], listing.commit)
      : new Set(uncounted)
  return judgeTags(listing, ledger, source.releases, reachable)
}

function changedFiles(before: DesiredTree, after: DesiredTree): readonly PromptFile[] {
  const known = new Map(before.files.map((file) => [file.id, file]))
  return after.files.filter((file) => known.get(file.id)?.blob !== file.blob)
}

interface ReleaseFiles {
  /** By prompt id, the newest first. */
  readonly files: ReadonlyMap<string, FileAtTag[]>
  readonly counted: readonly { readonly tag: string; readonly commit: Oid }[]
  readonly reports: readonly TagReport[]
}

/** Reads the trees of release tags, the newest first, and keeps of each prompt as many as its plan can need. */
async function readReleaseTags(
  { source, kind }: GatherInput,
  tags: readonly ReleaseTag[],
  treeAt: (commit: Oid) => Promise<DesiredTree | null>,
): Promise<ReleaseFiles> {
  const kept = new Map<string, Kept>()
  const counted: { tag: string; commit: Oid }[] = []
  const reports: TagReport[] = []
  const most = kind === 'changes' ? Number.POSITIVE_INFINITY : source.backfill
  for (const tag of newestFirst(tags)) {
    const tree = await treeAt(tag.commit)
    if (tree === null) {
      // One that counted was moved or deleted, which is reported; what it released stays.
      if (tag.place === null) reports.push(noCommitReport(tag.tag))
      continue
    }
    const coverage = coverageOf(tag.readings, new Set(tree.files.map(({ id }) => id)), source.idPrefix)
    if (coverage === undefined) {
      reports.push(noSuchPromptReport(tag.tag))
      continue
    }
    if (tag.place === null) counted.push({ tag: tag.tag, commit: tag.commit })
    for (const file of tree.files) {
      if (coverage.id === null || coverage.id === file.id)
        keep(kept, { ...file, tag: { ...tag, coverage } }, most, source)
    }
  }
  const sorted = (files: FileAtTag[]) => files.sort((a, b) => compareReleaseTags(a.tag, b.tag))
  return { files: new Map([...kept].map(([id, { files }]) => [id, sorted(files)])), counted, reports }
}

/** By what the first pattern makes of them; the exact order comes once the trees have told. */
function newestFirst(tags: readonly ReleaseTag[]): ReleaseTag[] {
  const presumed = tags.flatMap((tag) => {
    const [reading] = tag.readings
    return reading === undefined
      ? []
      : [{ ...tag, coverage: { release: reading.release, prerelease: false, id: reading.idText } }]
  })
  return presumed.sort(compareReleaseTags)
}

/** What is kept of a prompt while the tags are gone through. */
interface Kept {
  readonly files: FileAtTag[]
  readonly releases: Set<Release>
  promotable: boolean
}

/** Keeps the `most` newest releases, and the newest that can be promoted. Tags of one release count once. */
function keep(
  kept: Map<string, Kept>,
  file: FileAtTag,
  most: number,
  { prereleases }: Pick<SourceConfig, 'prereleases'>,
): void {
  const { release, prerelease } = file.tag.coverage
  const known = kept.get(file.id) ?? { files: [], releases: new Set<Release>(), promotable: false }
  kept.set(file.id, known)
  const promotable = prereleases || !prerelease
  const wanted = known.releases.size < most || known.releases.has(release)
  if (!wanted && (known.promotable || !promotable)) return
  known.files.push(file)
  known.releases.add(release)
  known.promotable ||= promotable
}

/** The objects of a tag that was moved or deleted may be gone; then nothing is known of its files. */
async function readAllFacts(
  { snapshot, listing }: GatherInput,
  draftFiles: readonly PromptFile[],
  tagged: readonly FileAtTag[],
): Promise<ReadonlyMap<Oid, Facts>> {
  const listed = new Set(listing.tags.map((tag) => tag.commit))
  const isListed = ({ tag }: FileAtTag) => listed.has(tag.commit)
  const facts = await readFacts(snapshot, [...draftFiles, ...tagged.filter(isListed)])
  const others = tagged.filter((file) => !isListed(file) && !facts.has(file.blob))
  const ofOthers = await unlessMissing(readFacts(snapshot, others))
  return ofOthers === null ? facts : new Map([...facts, ...ofOthers])
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SourceError && error.code === 'object_missing') return null
    throw error
  }
}

/** A tag that names one prompt, whose file is none, would else release nothing in silence. */
function unreadableReports(
  files: ReleaseFiles['files'],
  facts: ReadonlyMap<Oid, Facts>,
): readonly TagReport[] {
  return [...files.values()].flat().flatMap(({ path, blob, tag }) => {
    const text = facts.get(blob)
    if (tag.coverage.id === null || text === undefined || !('problem' in text)) return []
    return [unreadablePromptReport(tag.tag, path, text.problem)]
  })
}

async function readFacts(
  snapshot: GitSnapshot,
  files: readonly PromptFile[],
): Promise<ReadonlyMap<Oid, Facts>> {
  const facts = new Map<Oid, Facts>()
  const oids = new Set(files.map((file) => file.blob))
  if (oids.size === 0) return facts
  for await (const blob of snapshot.blobs(oids, MOST_FILE_BYTES)) {
    if ('tooLarge' in blob) {
      facts.set(blob.oid, {
        problem: `It has ${blob.tooLarge} bytes; a prompt file has at most ${MOST_FILE_BYTES}.`,
      })
      continue
    }
    const text = readPromptText(blob.bytes)
    facts.set(
      blob.oid,
      'problem' in text ? text : { label: text.label, description: text.description, tags: text.tags },
    )
  }
  return facts
}

function versionOf(
  { id, path, blob }: PromptFile,
  commit: Oid,
  facts: ReadonlyMap<Oid, Facts>,
): DesiredVersion[] {
  const text = facts.get(blob)
  return text === undefined || 'problem' in text ? [] : [{ id, path, blob, commit, ...text }]
}

function releaseOf(file: FileAtTag, facts: ReadonlyMap<Oid, Facts>): DesiredRelease[] {
  const { tag, commit, coverage } = file.tag
  const { release, prerelease } = coverage
  return versionOf(file, commit, facts).map((version) => ({ ...version, tag, release, prerelease }))
}

/** What the branch has that cannot become a version: by its name, by its text, and what was found so before and is still there. */
function quarantinedFiles(
  tree: DesiredTree,
  read: readonly PromptFile[],
  facts: ReadonlyMap<Oid, Facts>,
  before: readonly Quarantined[],
): Quarantined[] {
  const byText = read.flatMap(({ path, blob }) => {
    const text = facts.get(blob)
    return text !== undefined && 'problem' in text ? [{ path, blob, reason: text.problem }] : []
  })
  const told = new Set([...tree.quarantined, ...read].map((file) => file.path))
  const there = new Map(tree.files.map((file) => [file.path, file.blob]))
  const stillThere = before.filter(({ path, blob }) => there.get(path) === blob && !told.has(path))
  return [...tree.quarantined, ...byText, ...stillThere].sort((a, b) => (a.path < b.path ? -1 : 1))
}
