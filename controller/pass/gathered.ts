import { NO_EVIDENCE } from '../evidence/evidence.ts'
import { subjectName } from '../findings/bounded-finding.ts'
import type { NewFinding } from '../findings/finding.ts'
import { keepEarlierSkills } from '../plan/earlier-skills.ts'
import { keepReadings } from '../plan/kept-readings.ts'
import { promptsOfFiles } from '../plan/mass-change.ts'
import { declaredMoves, movesBetween } from '../plan/moves.ts'
import type { BranchComparison, PlanInput } from '../plan/plan-input.ts'
import type { SetInput } from '../plan/planned-set.ts'
import type { FileToRead } from '../prompts/file-to-read.ts'
import {
  directoryFindings,
  flawedFile,
  layoutFindings,
  noticedFile,
  problemSentence,
  quarantinedFile,
  releasedUnsafeFile,
  unsafeFile,
  unsafeSentence,
} from '../prompts/prompt-findings.ts'
import type { DesiredVersion, FileReadings } from '../prompts/read-files.ts'
import type { PromptTree } from '../prompts/tree.ts'
import { incompleteTag, pendingSignatures } from '../releases/tag-findings.ts'
import { tagKey } from '../releases/verify-tags.ts'
import type { TagRef } from '../source/git-source.ts'
import { type IdOf, inOneSpelling, spelled } from './one-spelling.ts'
import type { GatherWork, ReadFiles, ReadResult, Versions } from './read-changes.ts'
import type { OwnedRows } from './registry-reads.ts'
import type { FileAtTag, ReleaseFiles } from './release-files.ts'
import { createScreen, type Screening } from './screen.ts'

/** The input of a plan, from the read parts. Pure. */
export function planInputOf(work: GatherWork, read: ReadResult, set: SetInput): PlanInput {
  const { source, listing, branch, tags, settledTags } = work
  const { files } = read
  const { versions, registry, idOf } = inOneSpelling(read, source.name)
  const { kind, readings, before, owned, fresh } = files
  const screen = createScreen(source, registry)
  const releases = keepEarlierSkills(versions.releases, registry)
  const { findings, keptOut, ...kept } = keepReadings(letIn({ ...versions, releases }, screen), {
    ...{ source: source.name, registry, prereleases: source.prereleases },
  })
  const quarantined = [
    ...quarantinedFiles(branch.tree, files.drafts, readings),
    ...versions.drafts.flatMap((draft) =>
      screen(draft) === 'kept_out' ? unsafeFile(draft, draft.unsafe) : [],
    ),
  ]
  const tree = spelled(branch.tree, idOf)
  const branchIds = new Set(tree.ids.values())
  const goneIds = [...kept.gone, ...kept.releases.keys()].filter((id) => !branchIds.has(id))
  const had = new Set([...(before === null ? liveIds(owned) : before.ids.values())].map(idOf))
  return {
    source: source.name,
    branch: listing.branch,
    commit: listing.commit,
    kind,
    layout: { from: branch.layout.from },
    branchIds,
    ...kept,
    gone: kept.gone.filter((id) => !branchIds.has(id)),
    moves: {
      declared: declaredMoves(branch.layout.moved, { ...branch.layout.layout, branchIds }, goneIds),
      found: files.former === null ? new Map() : movesBetween(spelled(files.former, idOf), tree),
    },
    newest: wholeRelease(files.releases.newest, idOf),
    registry,
    // Read once a plan without it shows which releases depend on it.
    evidence: NO_EVIDENCE,
    owned: owned?.rows ?? new Map(),
    standing: kind === 'first' ? null : standingOf(work, had, tree, [...quarantined, ...keptOut]),
    ignored: branch.tree.ignored,
    findings: [
      ...layoutFindings(branch.layout, branch.tree),
      ...directoryFindings(branch.tree, listing.branch),
      ...quarantined,
      ...findings,
      ...versions.drafts.flatMap((draft) =>
        screen(draft) === 'released' ? releasedUnsafeFile(draft, draft.unsafe) : [],
      ),
      ...files.drafts.flatMap((file) => noticedFile(file.path, file.blob, readings.noticesOf(file))),
      ...files.drafts.flatMap((file) => flawedFile(file.path, file.blob, readings.flawsOf(file))),
      ...tags.findings,
      ...pendingSignatures(tags.verification?.pending.size ?? 0),
      ...files.releases.findings,
      ...incompleteTags(files, screen),
      ...(owned?.findings ?? []),
    ],
    scope: {
      everything: kind !== 'changes',
      blobs: new Map(branch.tree.files.map(({ path, blob }) => [subjectName(path), blob])),
      files: new Set(files.drafts.map(({ path }) => subjectName(path))),
      tags: new Set(fresh.flatMap(({ tag }) => (files.releases.cutTags.has(tag) ? [] : [subjectName(tag)]))),
      listed: listedReleases(work),
    },
    counted: files.releases.counted.map(({ tag, commit }) => ({ tag, commit })),
    unsettled: fresh.filter(({ tag }) => !settledTags.has(tag)).map(({ tag, commit }) => ({ tag, commit })),
    tags: new Map(
      fresh.map(({ tag, commit, object }) => [
        tag,
        { commit, object, signer: tags.verification?.signers.get(tag) ?? null },
      ]),
    ),
    unverified: unverifiedKeys(work),
    set,
    sourceHold: work.sourceHold,
  }
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
  return [...Map.groupBy(broken, ({ tag }) => tag)].map(([tag, found]) => {
    return incompleteTag(
      tag,
      found.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    )
  })
}

function wholeRelease(newest: ReleaseFiles['newest'], idOf: IdOf): PlanInput['newest'] {
  if (newest === null) return null
  const { tag, ids } = newest
  const { release } = tag.coverage
  return { tag: tag.tag, release, commit: tag.commit, ids: new Set([...ids].map(idOf)) }
}

function liveIds(owned: OwnedRows | null): ReadonlySet<string> {
  const rows = [...(owned?.rows.values() ?? [])]
  return new Set(rows.flatMap(({ prompt_id: id, archived }) => (archived ? [] : [id])))
}

/** Compares the branch with the settled commit; if everything is compared, with the registry. */
function standingOf(
  { remembered }: GatherWork,
  had: ReadonlySet<string>,
  { ids }: PromptTree,
  quarantined: readonly NewFinding[],
): BranchComparison {
  const has = new Set(ids.values())
  const paths = quarantined.map(({ subject }) => subject.name)
  const newlyBad = paths.filter((path) => !remembered.quarantined.has(path))
  return {
    prompts: had.size,
    missing: [...had].filter((id) => !has.has(id)),
    quarantined: promptsOfFiles(newlyBad, ids, had),
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
