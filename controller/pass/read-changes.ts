import { promptIdKey } from '../../api/contract/prompt-id.ts'
import { isCutElsewhere } from '../plan/kept-readings.ts'
import { PromptView } from '../plan/prompt-view.ts'
import { fileToRead } from '../prompts/file-to-read.ts'
import { FileReadings } from '../prompts/read-files.ts'
import { isSameFile, type PromptTree, type TreePromptFile } from '../prompts/tree.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import type { GatherInput, GatherWork, ReadFiles, ReadPart, TakeParts } from './gather-work.ts'
import { readParts, withRegistry } from './read-parts.ts'
import { readReleases } from './read-releases.ts'
import { readTags } from './read-tags.ts'
import type { OwnedRows } from './registry-reads.ts'
import type { FileAtTag } from './release-files.ts'
import { createScreen } from './screen.ts'
import { TreeLayouts } from './tree-layouts.ts'

/** Reads the files that a plan compares, and what the registry has of them. */

export async function openWork(input: GatherInput): Promise<GatherWork> {
  const trees = new TreeLayouts(input.source, input.snapshot)
  const branch = await trees.branch(input.listing.commit, input.remembered.layout)
  return { ...input, trees, branch, tags: await readTags(input) }
}

/** What changed since the last settled commit; `null` if that can only be judged by comparing everything. */
export async function readChanges(work: GatherWork, take: TakeParts): Promise<ReadFiles | null> {
  const { branch, remembered, kind, since } = work
  const isNewLayout = (branch.layout.from?.blob ?? null) !== (remembered.layout?.blob ?? null)
  if (kind !== 'changes' || since === null || isNewLayout) return null
  const { tree: before } = await work.trees.under(branch.layout, since)
  const files = await readChangedFiles(work, before)
  if (files === null) return null
  const ids = [...branch.tree.ids.values(), ...before.ids.values()]
  const gone = goneFrom(before, new Set(branch.tree.ids.values()))
  const found = { ids, drafts: files.drafts, releaseFiles: files.releases.files, gone }
  await take(files)(await withRegistry(work, files, found))
  return files
}

async function readChangedFiles(work: GatherWork, before: PromptTree): Promise<ReadFiles | null> {
  const { tree, layout } = work.branch
  const drafts = changedFiles(before, tree).map((file) => fileToRead(file, layout))
  const fresh = freshTags(work)
  const readings = new FileReadings()
  const releases = await readReleases(work, drafts, fresh, Number.MAX_SAFE_INTEGER, readings)
  const branchIds = new Set(tree.ids.values())
  const gone = goneFrom(before, branchIds)
  const touched = [...drafts.map(({ id }) => id), ...releases.files.keys(), ...gone]
  const { open } = work.remembered
  if (touched.some((id) => open.has(promptIdKey(id)))) return null
  // Only all tags together show whether the newest release still has the prompts that the branch lacks.
  const mayRetire = releases.newest !== null || touched.some((id) => !branchIds.has(id))
  if (work.source.prune && mayRetire) return null
  return { kind: 'changes', drafts, releases, fresh, readings, before, former: before, owned: null }
}

/**
 * All files of the branch, and the newest releases of each prompt. A release that is refused does not count: the
 * next one is promoted in its place, so it is read too. Each round reads further than the one before.
 */
export async function readEverything(work: GatherWork, take: TakeParts): Promise<ReadFiles> {
  const { tree, layout } = work.branch
  const kind = work.kind === 'first' ? 'first' : 'full'
  const drafts = tree.files.map((file) => fileToRead(file, layout))
  const fresh = work.tags.releases
  const owned = await work.registry.owned()
  const former = await formerTree(work, owned)
  const readings = new FileReadings()
  let refused: ReadonlySet<string> = new Set()
  for (;;) {
    const known = refused
    const isRefused = (file: FileAtTag) => known.has(keyOf(file))
    const releases = await readReleases(work, drafts, fresh, work.source.backfill, readings, isRefused)
    const files = { kind, drafts: [], releases, fresh, readings, before: null, former, owned } as const
    const more: string[] = []
    const add = take(files)
    for await (const part of readParts(work, files)) {
      const isNew = (file: FileAtTag) => !isRefused(file) && releases.cut.has(file.id)
      more.push(...refusedFiles(work, files, part).filter(isNew).map(keyOf))
      if (more.length === 0) await add(part)
    }
    if (more.length === 0) return files
    refused = new Set([...known, ...more])
  }
}

/** The tree in which a pass finds where prompts moved that are gone since. */
async function formerTree(
  { branch, since, trees }: GatherWork,
  owned: OwnedRows,
): Promise<PromptTree | null> {
  const keys = new Set([...branch.tree.ids.values()].map(promptIdKey))
  const isGone = [...owned.rows.values()].some(
    (row) => !row.archived && !keys.has(promptIdKey(row.prompt_id)),
  )
  const laidOut = since !== null && isGone ? await trees.atTag({ commit: since, listed: false }) : null
  return laidOut === null || typeof laidOut === 'string' ? null : laidOut.tree
}

function keyOf({ tag, path }: FileAtTag): string {
  return `${tag.tag} ${path}`
}

/** Files that do not come in as the release of their tag: as far as the registry knows, or because they are unsafe. */
function refusedFiles(
  { source }: GatherWork,
  { readings }: ReadFiles,
  { releaseFiles, registry }: ReadPart,
): FileAtTag[] {
  const screen = createScreen(source, registry)
  return [...releaseFiles].flatMap(([id, files]) => {
    const view = new PromptView(registry.get(id))
    return files.filter((file) => {
      const version = readings.versionOf(file, file.tag.commit)
      if (version === null) return false
      const named = view.named(file.tag.coverage.release)
      const isTaken =
        named !== undefined && ![version.identity, version.aloneIdentity].includes(named.identity)
      const isKeptOut = screen(version) === 'kept_out' || isCutElsewhere(view, version)
      return isTaken || isKeptOut || view.isRevoked(version) || view.takenBy(version) !== undefined
    })
  })
}

function changedFiles(before: PromptTree, after: PromptTree): readonly TreePromptFile[] {
  const known = new Map(before.files.map((file) => [file.id, file]))
  return after.files.filter((file) => {
    const one = known.get(file.id)
    return one === undefined || !isSameFile(one, file)
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
