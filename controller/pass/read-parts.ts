import type { DesiredRelease } from '../plan/plan-input.ts'
import { fileToRead } from '../prompts/file-to-read.ts'
import type { FileReadings } from '../prompts/read-files.ts'
import type { GatherWork, ReadFiles, ReadPart, Versions } from './gather-work.ts'
import { lookupsOf } from './look-up.ts'
import type { FileAtTag } from './release-files.ts'
import { slicesOf } from './slices.ts'

/** All prompts, part by part. Reads what the registry has of each part when it is its turn. */
export async function* readParts(
  work: GatherWork,
  files: ReadFiles,
): AsyncGenerator<ReadPart, void, undefined> {
  const { tree, layout } = work.branch
  const { owned, releases } = files
  const fileOf = new Map(tree.files.map((file) => [file.id, file]))
  const branchIds = new Set(tree.ids.values())
  const rows = owned?.rows ?? new Map<string, unknown>()
  const others = new Set([...releases.files.keys(), ...rows.keys()].filter((id) => !branchIds.has(id)))
  for (const ids of slicesOf(branchIds, others, work.promptsAtOnce)) {
    const drafts = ids.flatMap((id) => fileOf.get(id) ?? []).map((file) => fileToRead(file, layout))
    const releaseFiles = new Map(
      ids.flatMap((id) => {
        const released = releases.files.get(id)
        return released === undefined ? [] : [[id, released]]
      }),
    )
    const gone = ids.filter((id) => rows.has(id) && !branchIds.has(id))
    yield await withRegistry(work, files, { ids, drafts, releaseFiles, gone })
  }
}

type FoundPart = Pick<ReadPart, 'ids' | 'drafts' | 'releaseFiles'> & Pick<Versions, 'gone'>

/** Adds the versions in the files, and what the registry has of them. */
export async function withRegistry(work: GatherWork, files: ReadFiles, part: FoundPart): Promise<ReadPart> {
  const versions = versionsIn(work, files, part)
  const { drafts, releases, gone } = versions
  return { ...part, versions, registry: await work.registry.lookUp(lookupsOf(drafts, releases, gone)) }
}

function versionsIn(
  { listing, settledTags }: GatherWork,
  { readings }: ReadFiles,
  part: FoundPart,
): Versions {
  const releases = [...part.releaseFiles].map(([id, files]) => {
    return [id, files.flatMap((file) => releaseOf(file, readings, settledTags))] as const
  })
  return {
    drafts: part.drafts.flatMap((file) => readings.versionOf(file, listing.commit) ?? []),
    releases: new Map(releases),
    gone: part.gone,
  }
}

function releaseOf(file: FileAtTag, readings: FileReadings, settled: ReadonlySet<string>): DesiredRelease[] {
  const { tag, commit, coverage, listed } = file.tag
  const { release, prerelease } = coverage
  const version = readings.versionOf(file, commit)
  return version === null ? [] : [{ ...version, tag, release, prerelease, isNew: !settled.has(tag), listed }]
}
