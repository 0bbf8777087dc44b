import { promptIdKey } from '../api/contract/prompt-id.ts'
import type { PromptRow } from '../api/contract/registry-api.ts'
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
  noSuchPromptReport,
  type ReleaseTag,
  type TagReport,
  uncountedTags,
} from './releases.ts'
import type { GitSnapshot, Oid, RefListing } from './source/git-source.ts'

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
  const tags = await readReleaseTags(input, fresh, async (commit) => readTree(await snapshot.tree(commit)))
  const facts = await readFacts(snapshot, [...draftFiles, ...[...tags.files.values()].flat()])

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
    reports: [...judged.reports, ...tags.reports],
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
  readTreeAt: (commit: Oid) => Promise<DesiredTree>,
): Promise<ReleaseFiles> {
  const files = new Map<string, FileAtTag[]>()
  const counted: { tag: string; commit: Oid }[] = []
  const reports: TagReport[] = []
  const most = kind === 'changes' ? Number.POSITIVE_INFINITY : source.backfill
  for (const tag of newestFirst(tags)) {
    const tree = await readTreeAt(tag.commit)
    const idOfKey = new Map(tree.files.map(({ id }) => [promptIdKey(id), id]))
    const coverage = coverageOf(tag.readings, idOfKey, source.idPrefix)
    if (coverage === undefined) {
      reports.push(noSuchPromptReport(tag.tag))
      continue
    }
    if (!tag.counted) counted.push({ tag: tag.tag, commit: tag.commit })
    for (const file of tree.files) {
      if (coverage.id === null || coverage.id === file.id)
        keep(files, { ...file, tag: { ...tag, coverage } }, most, source)
    }
  }
  for (const list of files.values()) list.sort((a, b) => compareReleaseTags(a.tag, b.tag))
  return { files, counted, reports }
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

function keep(
  files: Map<string, FileAtTag[]>,
  file: FileAtTag,
  most: number,
  { prereleases }: SourceConfig,
): void {
  const list = files.get(file.id) ?? []
  files.set(file.id, list)
  const promotable = ({ tag }: FileAtTag) => prereleases || !tag.coverage.prerelease
  if (list.length < most || (promotable(file) && !list.some(promotable))) list.push(file)
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
  const told = new Set([...tree.quarantined, ...byText].map((file) => file.path))
  const there = new Map(tree.files.map((file) => [file.path, file.blob]))
  const stillThere = before.filter(({ path, blob }) => there.get(path) === blob && !told.has(path))
  return [...tree.quarantined, ...byText, ...stillThere].sort((a, b) => (a.path < b.path ? -1 : 1))
}
