import type { PromptRow } from '../../api/contract/registry-api.ts'
import { subjectName } from '../findings/bounded-finding.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { BranchComparison, DesiredRelease, PlanInput } from '../plan/plan-input.ts'
import { PromptView } from '../plan/prompt-view.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import {
  directoryFindings,
  layoutFindings,
  noticedFile,
  problemSentence,
  quarantinedFile,
  releasedUnsafeFile,
  unsafeFile,
  unsafeSentence,
} from '../prompts/prompt-findings.ts'
import { type DesiredVersion, FileReadings, type FileToRead, fileToRead } from '../prompts/read-files.ts'
import type { PromptTree, TreePromptFile } from '../prompts/tree.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import { incompleteTag, pendingSignatures } from '../releases/tag-findings.ts'
import { tagKey } from '../releases/verify-tags.ts'
import type { GitSnapshot, TagRef } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { lookupsOf } from './look-up.ts'
import { readReleases } from './read-releases.ts'
import { type ReadTags, readTags, type TagsInput } from './read-tags.ts'
import type { OwnedRows, RegistryReads } from './registry-reads.ts'
import type { FileAtTag, ReleaseFiles } from './release-files.ts'
import { createScreen, type Screening } from './screen.ts'
import { TreeLayouts } from './tree-layouts.ts'

/** The inputs of `gather`. */
export interface GatherInput extends TagsInput {
  readonly snapshot: GitSnapshot
  readonly kind: PlanInput['kind']
  /** For `changes`: the branch's last settled commit. */
  readonly since: Oid | null
  /** Tags that earlier passes have settled. */
  readonly settledTags: ReadonlySet<string>
  readonly remembered: Remembered
  readonly registry: RegistryReads
}

/** What earlier passes left. */
export interface Remembered {
  readonly layout: LayoutInForce['from']
  /** Paths of quarantined files. */
  readonly quarantined: ReadonlySet<string>
  /** Ids of prompts with findings that only a full pass can clear. */
  readonly open: ReadonlySet<unknown>
}

/**
 * Reads from the repository and the registry everything that a plan needs. Reads only what changed, unless the
 * change can only be judged by comparing everything.
 */
export async function gather(input: GatherInput): Promise<PlanInput> {
  const { source, listing, snapshot, remembered } = input
  const trees = new TreeLayouts(source, snapshot)
  const branch = await trees.branch(listing.commit, remembered.layout)
  const tags = await readTags(input)
  const work = { ...input, trees, branch, tags }
  const isNewLayout = (branch.layout.from?.blob ?? null) !== (remembered.layout?.blob ?? null)
  if (input.kind !== 'changes' || input.since === null || isNewLayout) return await compareAll(work)
  const before = await trees.under(branch.layout, input.since)
  const changes = await readChanges(work, before.tree)
  if (changes === null) return await compareAll(work)
  const versions = versionsIn(work, changes)
  return observe(work, changes, versions, await lookUp(work, versions))
}

type GatherWork = GatherInput & {
  readonly trees: TreeLayouts
  readonly branch: { readonly tree: PromptTree; readonly layout: LayoutInForce }
  readonly tags: ReadTags
}

/** The files read from the repository. */
interface ReadFiles {
  readonly kind: PlanInput['kind']
  /** The branch's files that were read. */
  readonly drafts: readonly FileToRead[]
  readonly releases: ReleaseFiles
  /** Tags whose trees were read. */
  readonly fresh: readonly CandidateTag[]
  readonly readings: FileReadings
  /** The branch at its last settled commit; `null` if everything is compared. */
  readonly before: PromptTree | null
  /** The source's prompts in the registry; `null` unless everything is compared. */
  readonly owned: OwnedRows | null
}

/** The versions in git, and the prompts that are gone from it. */
interface Versions {
  readonly drafts: PlanInput['drafts']
  readonly releases: PlanInput['releases']
  readonly gone: PlanInput['gone']
}

async function compareAll(work: GatherWork): Promise<PlanInput> {
  const { tree, layout } = work.branch
  const drafts = tree.files.map((file) => fileToRead(file, layout))
  const fresh = work.tags.releases
  const kind = work.kind === 'first' ? 'first' : 'full'
  const owned = await work.registry.owned()
  const readings = new FileReadings()
  const refused = new Set<string>()
  for (;;) {
    const isRefused = (file: FileAtTag) => refused.has(keyOf(file))
    const releases = await readReleases(work, drafts, fresh, work.source.backfill, readings, isRefused)
    const read = { kind, drafts, releases, fresh, readings, before: null, owned } as const
    const versions = versionsIn(work, read)
    const registry = await lookUp(work, versions)
    // The next release is promoted in the place of one that does not come in, so it must be read.
    const more = refusedFiles(work, read, registry).filter(
      (file) => !isRefused(file) && releases.cut.has(file.id),
    )
    if (more.length === 0) return observe(work, read, versions, registry)
    for (const file of more) refused.add(keyOf(file))
  }
}

function keyOf({ tag, path }: FileAtTag): string {
  return `${tag.tag} ${path}`
}

/** Files that do not come in as the release of their tag: as far as the registry knows, or because they are unsafe. */
function refusedFiles(
  { source }: GatherWork,
  { releases, readings }: ReadFiles,
  registry: PlanInput['registry'],
): FileAtTag[] {
  const screen = createScreen(source, registry)
  return [...releases.files].flatMap(([id, files]) => {
    const view = new PromptView(registry.get(id))
    return files.filter((file) => {
      const version = readings.versionOf(file, file.tag.commit)
      if (version === null) return false
      const named = view.named(file.tag.coverage.release)
      const isTaken = named !== undefined && named.identity !== version.identity
      const isKeptOut = screen(version) === 'kept_out'
      return isTaken || isKeptOut || view.isRevoked(version) || view.takenBy(version) !== undefined
    })
  })
}

/** What changed since the last settled commit; `null` if that can only be judged by comparing everything. */
async function readChanges(work: GatherWork, before: PromptTree): Promise<ReadFiles | null> {
  const { tree, layout } = work.branch
  const drafts = changedFiles(before, tree).map((file) => fileToRead(file, layout))
  const fresh = freshTags(work)
  const readings = new FileReadings()
  const releases = await readReleases(work, drafts, fresh, Number.MAX_SAFE_INTEGER, readings)
  const branchIds = new Set(tree.ids.values())
  const gone = goneFrom(before, branchIds)
  const touched = [...drafts.map(({ id }) => id), ...releases.files.keys(), ...gone]
  const { open } = work.remembered
  if (touched.some((id) => open.has(id))) return null
  // Only all tags together show whether the newest release still has the prompts that the branch lacks.
  const mayRetire = releases.newest !== null || touched.some((id) => !branchIds.has(id))
  if (work.source.prune && mayRetire) return null
  return { kind: 'changes', drafts, releases, fresh, readings, before, owned: null }
}

function changedFiles(before: PromptTree, after: PromptTree): readonly TreePromptFile[] {
  const known = new Map(before.files.map((file) => [file.id, file]))
  return after.files.filter(({ id, path, blob }) => {
    const one = known.get(id)
    return one?.blob !== blob || one.path !== path
  })
}

/** Tags that are not settled, and tags with the same release as one of them, because they may conflict. */
function freshTags({ tags, settledTags }: GatherWork): CandidateTag[] {
  const unsettled = tags.releases.filter(({ tag }) => !settledTags.has(tag))
  const wanted = new Set(unsettled.flatMap(({ readings }) => readings.map(({ release }) => release)))
  return tags.releases.filter(
    ({ tag, readings }) => !settledTags.has(tag) || readings.some(({ release }) => wanted.has(release)),
  )
}

function goneFrom(before: PromptTree, ids: ReadonlySet<string>): string[] {
  return [...new Set(before.ids.values())].filter((id) => !ids.has(id))
}

function versionsIn({ branch, listing, settledTags }: GatherWork, read: ReadFiles): Versions {
  const { readings, before, owned } = read
  const branchIds = new Set(branch.tree.ids.values())
  const releases = [...read.releases.files].map(([id, files]) => {
    return [id, files.flatMap((file) => releaseOf(file, readings, settledTags))] as const
  })
  return {
    drafts: read.drafts.flatMap((file) => readings.versionOf(file, listing.commit) ?? []),
    releases: new Map(releases),
    gone: before === null ? ownedElsewhere(owned, branchIds) : goneFrom(before, branchIds),
  }
}

async function lookUp({ registry }: GatherWork, { drafts, releases, gone }: Versions) {
  return await registry.lookUp(lookupsOf(drafts, releases, gone))
}

function observe(
  work: GatherWork,
  read: ReadFiles,
  versions: Versions,
  registry: PlanInput['registry'],
): PlanInput {
  const { source, listing, branch, tags, settledTags } = work
  const { kind, readings, before, owned, fresh } = read
  const screen = createScreen(source, registry)
  const quarantined = [
    ...quarantinedFiles(branch.tree, read.drafts, readings),
    ...versions.drafts.flatMap((draft) =>
      screen(draft) === 'kept_out' ? unsafeFile(draft, draft.unsafe) : [],
    ),
  ]
  const had = before === null ? liveIds(owned) : new Set(before.ids.values())
  return {
    source: source.name,
    branch: listing.branch,
    commit: listing.commit,
    kind,
    layout: { from: branch.layout.from },
    branchIds: new Set(branch.tree.ids.values()),
    ...letIn(versions, screen),
    newest: wholeRelease(read.releases.newest),
    registry,
    owned: owned?.rows ?? new Map(),
    standing: kind === 'first' ? null : standingOf(work, had, quarantined),
    ignored: branch.tree.ignored,
    findings: [
      ...layoutFindings(branch.layout, branch.tree),
      ...directoryFindings(branch.tree, listing.branch),
      ...quarantined,
      ...versions.drafts.flatMap((draft) =>
        screen(draft) === 'released' ? releasedUnsafeFile(draft, draft.unsafe) : [],
      ),
      ...read.drafts.flatMap((file) => noticedFile(file.path, file.blob, readings.noticesOf(file))),
      ...tags.findings,
      ...pendingSignatures(tags.verification?.pending.size ?? 0),
      ...read.releases.findings,
      ...incompleteTags(read, screen),
      ...(owned?.findings ?? []),
    ],
    scope: {
      everything: kind !== 'changes',
      blobs: new Map(branch.tree.files.map(({ path, blob }) => [subjectName(path), blob])),
      files: new Set(read.drafts.map(({ path }) => subjectName(path))),
      tags: new Set(fresh.flatMap(({ tag }) => (read.releases.cutTags.has(tag) ? [] : [subjectName(tag)]))),
      listed: listedReleases(work),
    },
    counted: read.releases.counted.map(({ tag, commit }) => ({ tag, commit })),
    unsettled: fresh.filter(({ tag }) => !settledTags.has(tag)).map(({ tag, commit }) => ({ tag, commit })),
    tags: new Map(
      fresh.map(({ tag, commit, object }) => [
        tag,
        { commit, object, signer: tags.verification?.signers.get(tag) ?? null },
      ]),
    ),
    unverified: unverifiedKeys(work),
  }
}

function releaseOf(file: FileAtTag, readings: FileReadings, settled: ReadonlySet<string>): DesiredRelease[] {
  const { tag, commit, coverage, listed } = file.tag
  const { release, prerelease } = coverage
  const version = readings.versionOf(file, commit)
  return version === null ? [] : [{ ...version, tag, release, prerelease, isNew: !settled.has(tag), listed }]
}

/** The branch's files that cannot become a version, because of their name or their content. */
function quarantinedFiles(
  tree: PromptTree,
  read: readonly FileToRead[],
  readings: FileReadings,
): NewFinding[] {
  const byText = read.flatMap((file) => {
    const problem = readings.problemOf(file)
    const { path, blob } = file
    return problem === undefined ? [] : [{ path, blob, reason: problemSentence(problem) }]
  })
  return [...tree.quarantined, ...byText].map(quarantinedFile)
}

/** The versions without those that are kept out. */
function letIn(
  { drafts, releases, gone }: Versions,
  screen: (version: DesiredVersion) => Screening,
): Versions {
  const isIn = (version: DesiredVersion) => screen(version) !== 'kept_out'
  return {
    drafts: drafts.filter(isIn),
    releases: new Map([...releases].map(([id, released]) => [id, released.filter(isIn)])),
    gone,
  }
}

/** Tags that leave out some of their prompts, since the files there cannot become a version, or are kept out. */
function incompleteTags(
  { releases, readings }: ReadFiles,
  screen: (version: DesiredVersion) => Screening,
): NewFinding[] {
  const whyLeftOut = (file: FileAtTag) => {
    const problem = readings.problemOf(file)
    if (problem !== undefined) return problemSentence(problem)
    const version = readings.versionOf(file, file.tag.commit)
    return version !== null && screen(version) === 'kept_out' ? unsafeSentence(version.unsafe) : undefined
  }
  const broken = [...releases.files.values()].flat().flatMap((file) => {
    const problem = whyLeftOut(file)
    return problem === undefined ? [] : [{ tag: file.tag.tag, path: file.path, problem }]
  })
  return [...Map.groupBy(broken, ({ tag }) => tag)].flatMap(([tag, found]) => {
    const files = found.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const [first] = files
    if (first === undefined) return []
    const paths = files.map(({ path }) => path)
    return [incompleteTag(tag, paths, first.problem)]
  })
}

function wholeRelease(newest: ReleaseFiles['newest']): PlanInput['newest'] {
  if (newest === null) return null
  const { tag, ids } = newest
  return { tag: tag.tag, release: tag.coverage.release, commit: tag.commit, ids }
}

function ownedElsewhere(owned: OwnedRows | null, branchIds: ReadonlySet<string>): string[] {
  return [...(owned?.rows.keys() ?? [])].filter((id) => !branchIds.has(id))
}

function liveIds(owned: OwnedRows | null): ReadonlySet<string> {
  const rows: PromptRow[] = [...(owned?.rows.values() ?? [])]
  return new Set(rows.flatMap(({ prompt_id: id, archived }) => (archived ? [] : [id])))
}

/** Compares the branch with the settled commit; if everything is compared, with the registry. */
function standingOf(
  { branch, remembered }: GatherWork,
  had: ReadonlySet<string>,
  quarantined: readonly NewFinding[],
): BranchComparison {
  const { ids } = branch.tree
  const has = new Set(ids.values())
  const isNewlyBad = (path: string) => !remembered.quarantined.has(path) && had.has(ids.get(path) ?? '')
  return {
    prompts: had.size,
    missing: [...had].filter((id) => !has.has(id)),
    quarantined: quarantined.map(({ subject }) => subject.name).filter(isNewlyBad),
  }
}

/** Release tags that still exist where they first counted. A moved tag gets no other finding. */
function listedReleases({ listing, ledger, tags }: GatherWork): ReadonlySet<string> {
  const isInPlace = ({ name, commit }: TagRef) => (ledger.get(name) ?? commit) === commit
  const names = new Set(listing.tags.filter(isInPlace).map(({ name }) => name))
  return new Set(tags.releases.filter(({ tag }) => names.has(tag)).map(({ tag }) => subjectName(tag)))
}

function unverifiedKeys({ listing, tags }: GatherWork): string[] {
  const { verification } = tags
  if (verification === null) return []
  return listing.tags.filter(({ name }) => verification.unverified.has(name)).map(tagKey)
}
