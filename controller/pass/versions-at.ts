import type { SourceConfig } from '../configuration/config.ts'
import { fileToRead } from '../prompts/file-to-read.ts'
import { type DesiredVersion, FileReadings } from '../prompts/read-files.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { TreeLayouts } from './tree-layouts.ts'

/** The versions of a commit, as a pass reads them, by prompt id. Files that cannot become one are left out. */
export async function versionsAt(
  commit: Oid,
  source: SourceConfig,
  snapshot: Pick<GitSnapshot, 'tree' | 'blobs'>,
): Promise<ReadonlyMap<string, DesiredVersion>> {
  const { tree, layout } = await new TreeLayouts(source, snapshot).branch(commit, null)
  const files = tree.files.map((file) => fileToRead(file, layout))
  const readings = new FileReadings()
  await readings.add(snapshot, files)
  const versions = files.flatMap((file) => readings.versionOf(file, commit) ?? [])
  return new Map(versions.map((version) => [version.id, version]))
}
