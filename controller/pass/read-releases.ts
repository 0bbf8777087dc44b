import type { SourceConfig } from '../configuration/config.ts'
import type { FileToRead } from '../prompts/file-to-read.ts'
import type { FileReadings } from '../prompts/read-files.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import { unlessMissing } from '../source/source-error.ts'
import { type FileAtTag, type ReleaseFiles, readReleaseFiles } from './release-files.ts'
import type { TreeLayouts } from './tree-layouts.ts'

export interface ReleasesInput {
  readonly source: SourceConfig
  readonly snapshot: Pick<GitSnapshot, 'blobs'>
  readonly trees: Pick<TreeLayouts, 'atTag'>
}

/**
 * Reads the files of up to `most` releases of each prompt, and of the drafts. A file that cannot become a version,
 * which only its content shows, or that `isRefused` does not count towards `most`: the previous release is read
 * instead.
 */
export async function readReleases(
  { source, snapshot, trees }: ReleasesInput,
  drafts: readonly FileToRead[],
  tags: readonly CandidateTag[],
  most: number,
  readings: FileReadings,
  isRefused: (file: FileAtTag) => boolean = () => false,
): Promise<ReleaseFiles> {
  const isBroken = (file: FileToRead) => readings.problemOf(file) !== undefined
  const isUseless = (file: FileAtTag) => isBroken(file) || isRefused(file)
  const read = (mostOf: (id: string) => number) =>
    readReleaseFiles(source, mostOf, tags, (tag) => trees.atTag(tag), isUseless)
  /** How many releases are read beyond `most`, by prompt id. */
  const ahead = new Map<string, number>()
  for (;;) {
    const releases = await read((id) => most + (ahead.get(id) ?? 0))
    const files = [...releases.files.values()].flat()
    const unread = files.filter((file) => !readings.has(file))
    await readAll(readings, snapshot, drafts, unread)
    const broken = new Set(unread.filter(isBroken).map(({ id }) => id))
    const short = [...releases.cut].filter((id) => broken.has(id))
    if (short.length === 0) {
      const isExact = [...ahead.values()].every((more) => more === 0)
      return isExact ? releases : await read(() => most)
    }
    for (const id of short) ahead.set(id, nextAhead(ahead.get(id)))
  }
}

/** Doubles, because each try walks every tree again and a long history may be invalid throughout. */
function nextAhead(before: number | undefined): number {
  return before === undefined ? 0 : 2 * before + 1
}

async function readAll(
  readings: FileReadings,
  snapshot: ReleasesInput['snapshot'],
  drafts: readonly FileToRead[],
  tagged: readonly FileAtTag[],
): Promise<void> {
  await readings.add(snapshot, [...drafts, ...tagged.filter(({ tag }) => tag.listed)])
  const unlisted = tagged.filter(({ tag }) => !tag.listed)
  await unlessMissing(readings.add(snapshot, unlisted))
  // The objects of a moved or deleted tag may be gone. Retry tag by tag, so that only its own files stay unread.
  for (const files of Map.groupBy(unlisted, ({ tag }) => tag.tag).values())
    await unlessMissing(readings.add(snapshot, files))
}
