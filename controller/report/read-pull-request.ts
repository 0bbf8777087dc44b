import { compareFiles, type FileDigests } from '../../api/contract/file-changes.ts'
import type { SourceConfig } from '../configuration/config.ts'
import { lookupsOf } from '../pass/look-up.ts'
import { idsOf, spelled } from '../pass/one-spelling.ts'
import type { RegistryReads } from '../pass/registry-reads.ts'
import type { LaidOutTree } from '../pass/release-files.ts'
import { createScreen } from '../pass/screen.ts'
import { TreeLayouts } from '../pass/tree-layouts.ts'
import { changeNote, NO_NOTE } from '../prompts/change-note.ts'
import { fileToRead } from '../prompts/file-to-read.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import { problemSentence, unsafeSentence } from '../prompts/prompt-findings.ts'
import { type DesiredVersion, FileReadings } from '../prompts/read-files.ts'
import { readTexts } from '../prompts/read-texts.ts'
import { LAYOUT_FILE } from '../prompts/repository-layout.ts'
import { isSameFile, type PromptTree, type TreePromptFile } from '../prompts/tree.ts'
import type { GitSnapshot, NamedCommit, RefListing } from '../source/git-source.ts'
import { textDiff } from '../values/text-diff.ts'
import { makePullRequestPlan, type PullRequestPlan, type ReadFile } from './pull-request-plan.ts'

export interface PullRequestInput {
  readonly source: SourceConfig
  readonly listing: RefListing
  /** A snapshot of `listing`, with the head in `also`. */
  readonly snapshot: GitSnapshot
  readonly pullRequest: number
  readonly head: NamedCommit
  readonly registry: RegistryReads
}

/** Files in memory at the same time. */
const FILES_AT_ONCE = 50
/** Prompts of which the comment names the readers: one request each. */
const MOST_READ = 100
/** Longer diffs are dropped: no comment has room for them. */
const MOST_DIFF = 60_000
const MOST_DIFFS = 4_000_000

/**
 * Plans the merge of a pull request. The head is compared with the merge base, as on the host: later commits of
 * the branch don't count, and the pull request need not be mergeable. The branch's layout applies, because the
 * head's may come from a stranger. Throws `object_missing` if a commit is gone.
 */
export async function planPullRequest(input: PullRequestInput): Promise<PullRequestPlan> {
  const { source, listing, snapshot, pullRequest, head, registry } = input
  const { branch, commit: tip } = listing
  const base = (await snapshot.mergeBase(head.commit, tip)) ?? tip
  const layouts = new TreeLayouts(source, snapshot)
  const atTip = await layouts.branch(tip, null)
  const atBase = await layouts.under(atTip.layout, base)
  const atHead = await layouts.under(atTip.layout, head.commit)
  const { rows } = await registry.owned()
  const idOf = idsOf([...rows.keys(), ...atBase.tree.ids.values()])
  const trees = {
    tip: spelled(atTip.tree, idOf),
    base: spelled(atBase.tree, idOf),
    head: spelled(atHead.tree, idOf),
  }
  const changed = changedFiles(trees.base, trees.head)
  const { layout } = atTip
  const asFile = (file: TreePromptFile | null) => (file === null ? [] : [fileToRead(file, layout)])
  const toRead = changed.flatMap((file) => asFile(file.after))
  const readings = new FileReadings()
  const renamed = renamedFiles(trees.base, trees.head).map((file) => fileToRead(file, layout))
  await readings.add(snapshot, [...toRead, ...renamed, ...changed.flatMap((file) => asFile(file.before))])
  const versions = toRead.flatMap((file) => readings.versionOf(file, head.commit) ?? [])
  const gone = changed.flatMap(({ id, after }) => (after === null ? [id] : []))
  const moved = renamed.flatMap((file) => readings.versionOf(file, head.commit) ?? [])
  const found = await registry.lookUp(lookupsOf([...versions, ...moved], new Map(), gone))
  const screen = createScreen(source, found)
  const isKeptOut = (version: DesiredVersion) => screen(version) === 'kept_out'
  const unsafe = new Map(versions.filter(isKeptOut).map((one) => [one.path, unsafeSentence(one.unsafe)]))
  const readers = changed.flatMap(({ id, before }) => (before !== null && rows.has(id) ? [id] : []))
  return makePullRequestPlan({
    source,
    pullRequest,
    branch,
    base,
    commit: head.commit,
    trees,
    files: await withDiffs(snapshot, changed, layout, readings, unsafe),
    drafts: versions.filter((version) => !isKeptOut(version)),
    renamed: moved,
    moved: layout.moved,
    found,
    rows,
    use: await registry.use(readers.slice(0, MOST_READ)),
    layout: layoutNote(atBase, atHead, branch),
  })
}

interface ChangedFile {
  readonly id: string
  readonly path: string
  readonly before: TreePromptFile | null
  readonly after: TreePromptFile | null
}

/** Changed files, new files, and files whose prompt id is gone. */
function changedFiles(base: PromptTree, head: PromptTree): ChangedFile[] {
  const before = new Map(base.files.map((file) => [file.id, file]))
  const ids = new Set(head.ids.values())
  const gone = base.files.filter(({ id }) => !ids.has(id))
  return [
    ...head.files
      .filter((file) => !hasSameContent(before.get(file.id), file))
      .map((file) => ({ id: file.id, path: file.path, before: before.get(file.id) ?? null, after: file })),
    ...gone.map((file) => ({ id: file.id, path: file.path, before: file, after: null })),
  ]
}

/** Files that only have another name, which may be read in another way. */
function renamedFiles(base: PromptTree, head: PromptTree): TreePromptFile[] {
  const before = new Map(base.files.map((file) => [file.id, file]))
  return head.files.filter((file) => {
    const one = before.get(file.id)
    return one !== undefined && one.path !== file.path && hasSameContent(one, file)
  })
}

/** Whether a file only moved. */
function hasSameContent(before: TreePromptFile | undefined, { path, ...after }: TreePromptFile): boolean {
  return before !== undefined && isSameFile({ ...before, path }, { ...after, path })
}

async function withDiffs(
  snapshot: GitSnapshot,
  changed: readonly ChangedFile[],
  layout: LayoutInForce,
  readings: FileReadings,
  /** By path, why a file of the head is kept out. Its diff is left out, or it would show a secret once more. */
  unsafe: ReadonlyMap<string, string>,
): Promise<ReadFile[]> {
  const files: ReadFile[] = []
  let room = MOST_DIFFS
  for (let from = 0; from < changed.length; from += FILES_AT_ONCE) {
    const some = changed.slice(from, from + FILES_AT_ONCE)
    const blobs = some.flatMap(({ before, after }) =>
      [before?.blob, after?.blob].filter((oid) => oid !== undefined),
    )
    const texts = await readTexts(snapshot, blobs)
    for (const { id, path, before, after } of some) {
      const flaw = after === null ? undefined : readings.problemOf(fileToRead(after, layout))
      const kept = after === null ? undefined : unsafe.get(path)
      const problem = flaw === undefined ? (kept ?? null) : problemSentence(flaw)
      const was = before === null ? null : readings.versionOf(fileToRead(before, layout), '')
      const textOf = (file: TreePromptFile | null) => (file === null ? null : (texts.get(file.blob) ?? null))
      const diff = problem === null ? textDiff(textOf(before), textOf(after)) : null
      const isKept = diff !== null && diff.length <= Math.min(MOST_DIFF, room)
      if (isKept) room -= diff.length
      files.push({
        ...{ id, path, blob: after?.blob ?? null, before: was !== null },
        problem,
        diff: isKept ? diff : null,
        note:
          problem === null
            ? changeNote(textOf(before), textOf(after), {
                ...{ path, frontMatter: layout.frontMatter },
                files: before && after && compareFiles(blobsBeside(before), blobsBeside(after)),
              })
            : NO_NOTE,
      })
    }
  }
  return files
}

function blobsBeside({ sidecars = [], folder }: TreePromptFile): FileDigests {
  const files = folder?.files ?? []
  return new Map([
    ...sidecars.map(({ name, blob }) => [name, blob] as const),
    ...files.map(({ path, blob }) => [path, blob] as const),
  ])
}

function layoutNote(base: LaidOutTree, head: LaidOutTree, branch: string): string | null {
  return base.layoutBlob === head.layoutBlob
    ? null
    : `It changes ${LAYOUT_FILE}. This plan uses the layout of ${branch}; after the merge, the new layout applies.`
}
