import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { SourceConfig } from '../config.ts'
import { type PromptFacts, problemOf, unlessMissing, versionOf } from '../desired/prompt-facts.ts'
import { type LayoutInForce, readLayout } from '../desired/repository-layout.ts'
import { createTreeReader, type DesiredTree, type PromptFile } from '../desired.ts'
import { type FileAtTag, type ReleaseFiles, readReleaseFiles } from '../releases/release-files.ts'
import { readReleases } from '../releases/release-texts.ts'
import { lookAtTags } from '../releases/tag-judgement.ts'
import { type TagReport, unreadablePromptReport } from '../releases/tag-reports.ts'
import type { KnownUnverified } from '../releases/unverified-tags.ts'
import type { Ledger } from '../releases.ts'
import type { GitSnapshot, Oid, RefListing } from '../source/git-source.ts'
import type { DesiredRelease, Observed, Quarantined, Standing } from './observed.ts'

/** What there is to gather from. */
export interface GatherInput {
  readonly source: SourceConfig
  readonly listing: RefListing
  readonly snapshot: GitSnapshot
  readonly ledger: Ledger
  readonly kind: Observed['kind']
  /** For `changes`: what was settled before. */
  readonly since: { readonly commit: Oid; readonly settledTags: ReadonlySet<string> } | null
  /** What the last pass left. */
  readonly remembered: Remembered
  readonly knownUnverified: KnownUnverified
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Reads the rows of the source's prompts; called at most once, and only where they are needed. */
  readonly readRows: () => Promise<ReadonlyMap<string, PromptRow>>
}

export interface Remembered {
  readonly layout: LayoutInForce['from']
  readonly quarantined: readonly Quarantined[]
  /** How many files were quarantined; the list may be shorter. */
  readonly quarantinedCount: number
}

/** Reads from the repository and the registry what a plan is made of. Under a new layout everything is compared. */
export async function gather(input: GatherInput): Promise<Observed> {
  const { source, listing, snapshot, remembered } = input
  const entries = await snapshot.tree(listing.commit)
  const commit = listing.commit
  const layout = await readLayout({ source, snapshot, commit, entries, remembered: remembered.layout })
  const isNew = (layout.from?.blob ?? null) !== (remembered.layout?.blob ?? null)
  const kind = isNew && input.kind === 'changes' ? 'full' : input.kind
  const readTree = createTreeReader(layout.layout)
  return await gatherUnder(layout, readTree, readTree(entries), {
    ...input,
    kind,
    since: kind === 'changes' ? input.since : null,
  })
}

type ReadTree = ReturnType<typeof createTreeReader>

async function gatherUnder(
  layout: LayoutInForce,
  readTree: ReadTree,
  tree: DesiredTree,
  input: GatherInput,
): Promise<Observed> {
  const { source, listing, snapshot, kind, since, remembered } = input
  const before = since === null ? null : readTree(await snapshot.tree(since.commit))
  const draftFiles = before === null ? tree.files : changedFiles(before, tree)

  const judged = await lookAtTags(input)
  const fresh = judged.releases.filter((tag) => since === null || !since.settledTags.has(tag.tag))
  const treeAt = async (commit: Oid) => {
    const entries = await unlessMissing(snapshot.tree(commit))
    return entries === null ? null : readTree(entries)
  }
  const readFiles = (broken: ReadonlySet<Oid>) => readReleaseFiles(source, kind, fresh, treeAt, broken)
  const { tags, facts } = await readReleases(readFiles, { ...input, draftFiles, layout })
  const quarantined = quarantinedFiles(tree, draftFiles, facts, since === null ? [] : remembered.quarantined)

  const branchIds = new Set(tree.ids.values())
  const gone = before === null ? [] : [...new Set(before.ids.values())].filter((id) => !branchIds.has(id))
  const offBranch = [...gone, ...tags.files.keys()].some((id) => !branchIds.has(id))
  // Only all tags together tell whether the newest release still has what the branch does not have.
  if (since !== null && source.prune && offBranch)
    return await gatherUnder(layout, readTree, tree, { ...input, kind: 'full', since: null })
  const { from, frontMatter, problem } = layout
  const needsRows = kind !== 'changes' || tags.newest !== null || tags.files.size > 0 || gone.length > 0
  const known = needsRows ? await input.readRows() : new Map<string, PromptRow>()

  return {
    source: source.name,
    branch: listing.branch,
    commit: listing.commit,
    kind,
    branchIds,
    layout: { from, frontMatter, problem, unknownNames: layout.unknownNames(tree.ids) },
    drafts: draftFiles.flatMap((file) => versionOf(file, listing.commit, facts, layout) ?? []),
    releases: new Map(
      [...tags.files].map(([id, files]) => [id, files.flatMap((file) => releaseOf(file, facts, layout))]),
    ),
    newest: wholeRelease(tags.newest),
    known,
    standing: kind === 'first' ? null : standingOf(tree, before, known, quarantined, remembered),
    quarantined,
    ignored: tree.ignored,
    reports: [...judged.reports, ...tags.reports, ...unreadableReports(tags.files, facts)],
    counted: tags.counted,
    verification: judged.verification,
  }
}

function changedFiles(before: DesiredTree, after: DesiredTree): readonly PromptFile[] {
  const known = new Map(before.files.map((file) => [file.id, file]))
  return after.files.filter(({ id, path, blob }) => {
    const one = known.get(id)
    return one?.blob !== blob || one.path !== path
  })
}

/** A tag that names one prompt, whose file is none, would else release nothing in silence. */
function unreadableReports(files: ReleaseFiles['files'], facts: PromptFacts): readonly TagReport[] {
  return [...files.values()].flat().flatMap((file) => {
    const problem = problemOf(file, facts)
    const { tag, path } = file
    if (tag.coverage.id === null || problem === undefined) return []
    return [unreadablePromptReport(tag.tag, path, problem)]
  })
}

function releaseOf(file: FileAtTag, facts: PromptFacts, layout: LayoutInForce): DesiredRelease[] {
  const { tag, commit, coverage, listed } = file.tag
  const { release, prerelease } = coverage
  const version = versionOf(file, commit, facts, layout)
  return version === null ? [] : [{ ...version, tag, release, prerelease, listed }]
}

/** What the branch has that cannot become a version: by its name, by its text, and what was found so before and is still there. */
function quarantinedFiles(
  tree: DesiredTree,
  read: readonly PromptFile[],
  facts: PromptFacts,
  before: readonly Quarantined[],
): Quarantined[] {
  const byText = read.flatMap((file) => {
    const reason = problemOf(file, facts)
    return reason === undefined ? [] : [{ path: file.path, blob: file.blob, reason }]
  })
  const told = new Set([...tree.quarantined, ...read].map((file) => file.path))
  const there = new Map(tree.files.map((file) => [file.path, file.blob]))
  const stillThere = before.filter(({ path, blob }) => there.get(path) === blob && !told.has(path))
  return [...tree.quarantined, ...byText, ...stillThere].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function liveIds(known: ReadonlyMap<string, PromptRow>): string[] {
  return [...known.values()].flatMap(({ prompt_id: id, archived }) => (archived ? [] : [id]))
}

function wholeRelease(newest: ReleaseFiles['newest']): Observed['newest'] {
  if (newest === null) return null
  const { tag, ids } = newest
  return { tag: tag.tag, release: tag.coverage.release, commit: tag.commit, ids }
}

/** How the branch stands against what the source had: against the last settled commit, else against the registry. */
function standingOf(
  tree: DesiredTree,
  before: DesiredTree | null,
  known: ReadonlyMap<string, PromptRow>,
  quarantined: readonly Quarantined[],
  { quarantined: remembered, quarantinedCount }: Remembered,
): Standing {
  const had = new Set(before === null ? liveIds(known) : before.ids.values())
  const has = new Set(tree.ids.values())
  const wasBad = new Set(remembered.map(({ path }) => path))
  const newlyBad = quarantined
    .map(({ path }) => path)
    .filter((path) => !wasBad.has(path) && had.has(tree.ids.get(path) ?? ''))
  const forgotten = before === null ? Math.max(0, quarantinedCount - remembered.length) : 0
  return {
    prompts: had.size,
    missing: [...had].filter((id) => !has.has(id)),
    quarantined: newlyBad.slice(forgotten),
  }
}
