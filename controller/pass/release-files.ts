import { releaseKey } from '../../api/contract/release.ts'
import type { SourceConfig } from '../configuration/config.ts'
import type { NewFinding } from '../findings/finding.ts'
import { type FileToRead, fileToRead } from '../prompts/file-to-read.ts'
import type { LayoutInForce } from '../prompts/layout.ts'
import type { PromptTree } from '../prompts/tree.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import { type CountedTag, compareReleaseTags, coverageOf } from '../releases/coverage.ts'
import { emptyTag, invalidLayoutAt } from '../releases/tag-findings.ts'
import type { Oid } from '../source/oid.ts'

export type FileAtTag = FileToRead & { readonly tag: CountedTag }

/** A commit's tree and the layout in force for it. */
export interface LaidOutTree {
  readonly tree: PromptTree
  readonly layout: LayoutInForce
  /** The commit's own layout file, which may differ from the one in force; `null` if none. */
  readonly layoutBlob: Oid | null
}

export interface ReleaseFiles {
  /** Files by prompt id, newest first, including those that cannot become a version. */
  readonly files: ReadonlyMap<string, readonly FileAtTag[]>
  /** The newest tag that covers its whole tree and can promote, with the ids of that tree; `null` if none. */
  readonly newest: { readonly tag: CountedTag; readonly ids: ReadonlySet<string> } | null
  /** New tags that count from now on. */
  readonly counted: readonly CountedTag[]
  readonly findings: readonly NewFinding[]
  /** Ids of prompts with older releases that are not kept. */
  readonly cut: ReadonlySet<string>
  /** Tags with files that are not kept. */
  readonly cutTags: ReadonlySet<string>
}

/** `null` if the tag's commit is gone; if it cannot be read, the reason as a clause about the tag. */
export type TreeAtTag = (tag: CandidateTag) => Promise<LaidOutTree | string | null>

/**
 * Reads the trees of release tags, newest first. Keeps the files that each prompt's plan can need: its newest
 * releases, up to `mostOf`, and the newest one that can be promoted. A file that `isUseless` does not count
 * towards the limit.
 */
export async function readReleaseFiles(
  source: SourceConfig,
  mostOf: (id: string) => number,
  tags: readonly CandidateTag[],
  treeAt: TreeAtTag,
  isUseless: (file: FileAtTag) => boolean,
): Promise<ReleaseFiles> {
  const kept = new Map<string, Kept>()
  const cutTags = new Set<string>()
  const counted: CountedTag[] = []
  const findings: NewFinding[] = []
  let newest: ReleaseFiles['newest'] = null
  for (const tag of newestFirst(tags)) {
    const read = await treeAt(tag)
    if (read === null || typeof read === 'string') {
      // A tag that counted was moved or deleted, which is reported elsewhere. Its releases stay.
      const why = read ?? (tag.place === null ? 'it does not point at a commit' : null)
      if (why !== null) findings.push(emptyTag(tag.tag, why))
      continue
    }
    const { tree, layout } = read
    const coverage = coverageOf(tag.readings, new Set(tree.files.map(({ id }) => id)), source.idPrefix)
    if (coverage === undefined) {
      findings.push(emptyTag(tag.tag, whyUncovered(tag, tree, source.idPrefix)))
      continue
    }
    const known = { ...tag, coverage }
    if (tag.place === null) counted.push(known)
    if (layout.problem !== null) findings.push(invalidLayoutAt(tag.tag, layout.problem))
    if (tree.files.length === 0) findings.push(emptyTag(tag.tag, whyEmpty(tree)))
    const promotes = source.prereleases || !coverage.prerelease
    const isNewest = newest === null || compareReleaseTags(known, newest.tag) < 0
    if (coverage.id === null && promotes && isNewest && tag.listed)
      newest = { tag: known, ids: new Set(tree.ids.values()) }
    for (const file of tree.files) {
      if (coverage.id !== null && coverage.id !== file.id) continue
      const atTag = { ...fileToRead(file, layout), tag: known }
      const how = { promotes, takesPlace: !isUseless(atTag) }
      if (!keep(keptOf(kept, file.id), atTag, mostOf(file.id), how)) cutTags.add(tag.tag)
    }
  }
  const sorted = (files: FileAtTag[]) => files.sort((a, b) => compareReleaseTags(a.tag, b.tag))
  return {
    files: new Map([...kept].map(([id, { files }]) => [id, sorted(files)])),
    newest,
    counted,
    findings,
    cut: new Set([...kept].flatMap(([id, { cut }]) => (cut ? [id] : []))),
    cutTags,
  }
}

/** Why a tree has no prompt, as a clause about its tag. */
function whyEmpty(tree: PromptTree): string {
  const { directories, quarantined } = tree
  if (quarantined.length > 0) {
    const [first] = quarantined
    return `none of its ${quarantined.length} files can become a version (${first?.path}: ${clause(first?.reason ?? '')})`
  }
  const named = directories.map(({ directory }) => directory || 'the root').join(', ')
  return `its commit has no prompt in ${named}; if they were in another directory at that time, add it to directories`
}

/** Why a tag for a single prompt covers nothing, as a clause about the tag. */
function whyUncovered({ readings }: CandidateTag, tree: PromptTree, idPrefix: string): string {
  const named = coverageOf(readings, new Set(tree.ids.values()), idPrefix)
  const leftOut = tree.quarantined.find(({ path }) => tree.ids.get(path) === named?.id)
  if (named !== undefined && leftOut !== undefined)
    return `its file ${leftOut.path} cannot become a version (${clause(leftOut.reason)})`
  const elsewhere = tree.files.length === 0 ? ', which has no prompt in the directories of its layout' : ''
  return `it names no prompt of its commit${elsewhere}`
}

function clause(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

/** Sorts by the reading of the first pattern. The exact order is known only once the trees are read. */
function newestFirst(tags: readonly CandidateTag[]): CandidateTag[] {
  const presumed = tags.flatMap((tag) => {
    const [reading] = tag.readings
    return reading === undefined
      ? []
      : [{ ...tag, coverage: { release: reading.release, prerelease: false, id: reading.idText } }]
  })
  return presumed.sort(compareReleaseTags)
}

/** The files kept of a prompt so far. */
interface Kept {
  readonly files: FileAtTag[]
  /** Keys of releases. */
  readonly releases: Set<string>
  promotable: boolean
  cut: boolean
}

function keptOf(all: Map<string, Kept>, id: string): Kept {
  const known = all.get(id) ?? { files: [], releases: new Set<string>(), promotable: false, cut: false }
  all.set(id, known)
  return known
}

/**
 * Keeps a file if the plan can need it, and returns whether it did. Tags of one release count once, regardless of
 * build metadata. Tags that are no longer listed don't count: otherwise the names of a prompt would depend on
 * which clone still has their commits.
 */
function keep(
  kept: Kept,
  file: FileAtTag,
  most: number,
  { promotes, takesPlace }: { readonly promotes: boolean; readonly takesPlace: boolean },
): boolean {
  const release = releaseKey(file.tag.coverage.release)
  const wanted = kept.releases.size < most || kept.releases.has(release)
  if (!wanted && (kept.promotable || !promotes)) {
    kept.cut = true
    return false
  }
  kept.files.push(file)
  if (!takesPlace) return true
  if (file.tag.listed) kept.releases.add(release)
  kept.promotable ||= promotes
  return true
}
