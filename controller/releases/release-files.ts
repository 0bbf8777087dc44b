import type { Release } from '../../api/contract/release.ts'
import type { SourceConfig } from '../config.ts'
import type { DesiredTree, PromptFile } from '../desired.ts'
import type { Observed } from '../plan/observed.ts'
import { type Coverage, compareReleaseTags, coverageOf, type ReleaseTag } from '../releases.ts'
import type { Oid } from '../source/git-source.ts'
import { noCommitReport, noSuchPromptReport, type TagReport } from './tag-reports.ts'

/** A tag that counts, now that its tree has told what it covers. */
export type CountedTag = ReleaseTag & { readonly coverage: Coverage }

export type FileAtTag = PromptFile & { readonly tag: CountedTag }

export interface ReleaseFiles {
  /** By prompt id, the newest first. */
  readonly files: ReadonlyMap<string, FileAtTag[]>
  /** The newest tag that covers its whole tree and can promote, with the ids of that tree; `null` where there is none. */
  readonly newest: { readonly tag: CountedTag; readonly ids: ReadonlySet<string> } | null
  readonly counted: readonly { readonly tag: string; readonly commit: Oid }[]
  readonly reports: readonly TagReport[]
  /** Ids of prompts that have older releases than those kept. */
  readonly cut: ReadonlySet<string>
}

/**
 * Reads the trees of release tags, the newest first, and keeps of each prompt as many files as its plan can need. Those
 * whose blob is one of `broken` are kept besides, to be told of.
 */
export async function readReleaseFiles(
  source: SourceConfig,
  kind: Observed['kind'],
  tags: readonly ReleaseTag[],
  treeAt: (commit: Oid) => Promise<DesiredTree | null>,
  broken: ReadonlySet<Oid>,
): Promise<ReleaseFiles> {
  const kept = new Map<string, Kept>()
  const counted: { tag: string; commit: Oid }[] = []
  const reports: TagReport[] = []
  let newest: ReleaseFiles['newest'] = null
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
    const known = { ...tag, coverage }
    if (tag.place === null) counted.push({ tag: tag.tag, commit: tag.commit })
    const promotes = source.prereleases || !coverage.prerelease
    const isNewest = newest === null || compareReleaseTags(known, newest.tag) < 0
    if (coverage.id === null && promotes && isNewest && tag.listed)
      newest = { tag: known, ids: new Set(tree.ids.values()) }
    for (const file of tree.files) {
      if (coverage.id !== null && coverage.id !== file.id) continue
      const prompt = keptOf(kept, file.id)
      if (broken.has(file.blob)) prompt.files.push({ ...file, tag: known })
      else keep(prompt, { ...file, tag: known }, most, promotes)
    }
  }
  const sorted = (files: FileAtTag[]) => files.sort((a, b) => compareReleaseTags(a.tag, b.tag))
  return {
    files: new Map([...kept].map(([id, { files }]) => [id, sorted(files)])),
    newest,
    counted,
    reports,
    cut: new Set([...kept].flatMap(([id, { cut }]) => (cut ? [id] : []))),
  }
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
  cut: boolean
}

function keptOf(all: Map<string, Kept>, id: string): Kept {
  const known = all.get(id) ?? { files: [], releases: new Set<Release>(), promotable: false, cut: false }
  all.set(id, known)
  return known
}

/**
 * Keeps the `most` newest releases, and the newest that can be promoted. Tags of one release count once, and those that
 * are not listed any more take no place: else what is named would depend on who still has their commits.
 */
function keep(kept: Kept, file: FileAtTag, most: number, promotes: boolean): void {
  const { release } = file.tag.coverage
  const wanted = kept.releases.size < most || kept.releases.has(release)
  if (!wanted && (kept.promotable || !promotes)) {
    kept.cut = true
    return
  }
  kept.files.push(file)
  if (file.tag.listed) kept.releases.add(release)
  kept.promotable ||= promotes
}
