import type { NewFinding } from '../findings/finding.ts'
import type { FileToRead } from '../prompts/file-to-read.ts'
import { problemSentence, quarantinedFile, unsafeSentence } from '../prompts/prompt-findings.ts'
import type { DesiredVersion, FileReadings } from '../prompts/read-files.ts'
import { incompleteTag } from '../releases/tag-findings.ts'
import type { ReadPart } from './gather-work.ts'
import type { FileAtTag } from './release-files.ts'
import type { Screening } from './screen.ts'

/** Findings about files that cannot become a version. Pure. */

/** Files of the branch whose content cannot become a version. */
export function unreadFiles(files: readonly FileToRead[], readings: FileReadings): NewFinding[] {
  return files.flatMap((file) => {
    const problem = readings.problemOf(file)
    const { path, blob } = file
    return problem === undefined ? [] : [quarantinedFile({ path, blob, reason: problemSentence(problem) })]
  })
}

export interface BrokenFile {
  readonly tag: string
  readonly path: string
  readonly problem: string
}

/** Files of releases that cannot become a version, or are kept out. */
export function brokenFiles(
  { releaseFiles }: ReadPart,
  readings: FileReadings,
  screen: (version: DesiredVersion) => Screening,
): BrokenFile[] {
  const whyLeftOut = (file: FileAtTag) => {
    const problem = readings.problemOf(file)
    if (problem !== undefined) return problemSentence(problem)
    const version = readings.versionOf(file, file.tag.commit)
    return version !== null && screen(version) === 'kept_out' ? unsafeSentence(version.unsafe) : undefined
  }
  return [...releaseFiles.values()].flat().flatMap((file) => {
    const problem = whyLeftOut(file)
    return problem === undefined ? [] : [{ tag: file.tag.tag, path: file.path, problem }]
  })
}

/** Tags that leave out some of their prompts. */
export function incompleteTags(broken: readonly BrokenFile[]): NewFinding[] {
  return [...Map.groupBy(broken, ({ tag }) => tag)].map(([tag, found]) => {
    return incompleteTag(
      tag,
      found.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    )
  })
}
