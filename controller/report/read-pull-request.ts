import type { PromptRow } from '../../api/contract/registry-api.ts'
import type { SourceConfig } from '../config.ts'
import { MOST_FILE_BYTES, readPromptBlob } from '../desired/prompt-text.ts'
import { LAYOUT_FILE, readLayout } from '../desired/repository-layout.ts'
import { createTreeReader, type DesiredTree } from '../desired.ts'
import type { GitSnapshot, NamedCommit, Oid, RefListing, TreeEntry } from '../source/git-source.ts'
import { makePullRequestPlan, type PullRequestPlan, type ReadFile } from './pull-request-plan.ts'
import { textDiff } from './text-diff.ts'

export interface PullRequestInput {
  readonly source: SourceConfig
  readonly listing: RefListing
  /** Of that listing, with the head in its `also`. */
  readonly snapshot: GitSnapshot
  readonly pullRequest: number
  readonly head: NamedCommit
  readonly readRows: () => Promise<ReadonlyMap<string, PromptRow>>
}

/** Files whose texts are in memory at the same time. */
const FILES_AT_ONCE = 50
/** Diffs longer than that are not kept: no comment has room for them. */
const MOST_DIFF = 60_000
const MOST_DIFFS = 4_000_000

/**
 * What a pull request would do, once merged. It is compared with where it left the branch, as the host shows it: so
 * what happened on the branch meanwhile is not taken for its doing, and it need not be mergeable. It is read under
 * the layout of the branch, since its own may be anybody's. Throws `object_missing` where a commit is gone.
 */
export async function planPullRequest(input: PullRequestInput): Promise<PullRequestPlan> {
  const { source, listing, snapshot, pullRequest, head, readRows } = input
  const { branch, commit: tip } = listing
  const base = (await snapshot.mergeBase(head.commit, tip)) ?? tip
  const [atTip, atBase, atHead] = [
    await snapshot.tree(tip),
    await snapshot.tree(base),
    await snapshot.tree(head.commit),
  ]
  const layout = await readLayout({ source, snapshot, commit: tip, entries: atTip, remembered: null })
  const readTree = createTreeReader(layout.layout)
  const trees = { tip: readTree(atTip), base: readTree(atBase), head: readTree(atHead) }
  const changed = changedFiles(trees.base, trees.head)
  return makePullRequestPlan({
    source,
    pullRequest,
    branch,
    base,
    commit: head.commit,
    trees,
    files: await readFiles(snapshot, changed, layout.frontMatter),
    rows: await readRows(),
    layout: source.repositoryLayout ? layoutNote(atBase, atHead, branch) : null,
  })
}

interface ChangedFile {
  readonly id: string
  readonly path: string
  readonly before: Oid | null
  readonly after: Oid | null
}

/** Files with other content, new ones, and those whose id no file has any more. */
function changedFiles(base: DesiredTree, head: DesiredTree): ChangedFile[] {
  const before = new Map(base.files.map((file) => [file.id, file]))
  const ids = new Set(head.ids.values())
  const gone = base.files.filter(({ id }) => !ids.has(id))
  return [
    ...head.files
      .filter(({ id, blob }) => before.get(id)?.blob !== blob)
      .map(({ id, path, blob }) => ({ id, path, before: before.get(id)?.blob ?? null, after: blob })),
    ...gone.map(({ id, path, blob }) => ({ id, path, before: blob, after: null })),
  ]
}

async function readFiles(
  snapshot: GitSnapshot,
  changed: readonly ChangedFile[],
  frontMatter: boolean,
): Promise<ReadFile[]> {
  const files: ReadFile[] = []
  let room = MOST_DIFFS
  for (let from = 0; from < changed.length; from += FILES_AT_ONCE) {
    const some = changed.slice(from, from + FILES_AT_ONCE)
    const texts = await readTexts(snapshot, some, frontMatter)
    for (const file of some) {
      const read = readFile(file, texts)
      const isKept = read.diff !== null && read.diff.length <= Math.min(MOST_DIFF, room)
      if (isKept) room -= read.diff.length
      files.push(isKept ? read : { ...read, diff: null })
    }
  }
  return files
}

function readFile({ id, path, before, after }: ChangedFile, texts: ReadonlyMap<Oid, ReadText>): ReadFile {
  const old = before === null ? undefined : texts.get(before)
  const now = after === null ? undefined : texts.get(after)
  const isBroken = now?.version === null
  return {
    ...{ id, path, blob: after },
    after: now === undefined ? null : (now.version ?? { problem: now.problem }),
    before: old !== undefined && old.version !== null,
    diff: isBroken ? null : textDiff(old?.text ?? null, now?.text ?? null),
  }
}

interface ReadText {
  readonly text: string
  readonly version: { readonly label: string } | null
  readonly problem: string
}

async function readTexts(
  snapshot: GitSnapshot,
  files: readonly ChangedFile[],
  frontMatter: boolean,
): Promise<Map<Oid, ReadText>> {
  const texts = new Map<Oid, ReadText>()
  const oids = new Set(files.flatMap(({ before, after }) => [before, after]).filter((oid) => oid !== null))
  for await (const blob of snapshot.blobs(oids, MOST_FILE_BYTES))
    texts.set(blob.oid, readBlob(blob, frontMatter))
  return texts
}

function readBlob(blob: Parameters<typeof readPromptBlob>[0], frontMatter: boolean): ReadText {
  const read = readPromptBlob(blob, { frontMatter })
  const text = 'bytes' in blob ? Buffer.from(blob.bytes).toString() : ''
  return 'problem' in read
    ? { text, version: null, problem: read.problem }
    : { text, version: { label: read.label }, problem: '' }
}

function layoutNote(base: readonly TreeEntry[], head: readonly TreeEntry[], branch: string): string | null {
  const blobIn = (entries: readonly TreeEntry[]) => entries.find(({ path }) => path === LAYOUT_FILE)?.oid
  return blobIn(base) === blobIn(head)
    ? null
    : `It changes ${LAYOUT_FILE}: what follows is by the layout of ${branch}, and once merged everything is read under the new one.`
}
