import { RegistryError } from '../../api/contract/errors.ts'
import { firstNames } from '../../api/contract/first-names.ts'
import type { SourceConfig } from '../configuration/config.ts'
import { FileReadings } from '../prompts/read-files.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import type { Ledger } from '../releases/ledger.ts'
import type { RefListing } from '../source/git-source.ts'
import { readTag } from '../values/release-patterns.ts'
import { observe, withSnapshot } from './observe.ts'
import type { PassInput } from './pass-input.ts'
import { readReleases } from './read-releases.ts'
import { readLedger } from './registry-reads.ts'
import type { FileAtTag } from './release-files.ts'
import { TreeLayouts } from './tree-layouts.ts'

/** How many files an error names. */
const MOST_NAMES = 10

/**
 * The identity of each prompt at a release tag, by prompt id: what the release made of the tag's tree. Changes nothing.
 * Throws `no_set` if the tag never counted, is of a single prompt, or cannot be read as a whole.
 */
export async function releaseAtTag(input: PassInput, tag: string): Promise<Readonly<Record<string, string>>> {
  const { source } = input
  const moment = await observe(input)
  const candidate = countedTag(source, tag, await readLedger(input, moment.document), moment.listing)
  return await withSnapshot(input, moment, async (snapshot) => {
    const readings = new FileReadings()
    const trees = new TreeLayouts(source, snapshot)
    const { files, newest, findings } = await readReleases(
      { source, snapshot, trees },
      [],
      [candidate],
      1,
      readings,
    )
    const [problem] = findings
    if (problem !== undefined) throw notFrom(tag, problem.message)
    if (newest === null) throw notFrom(tag, 'It is not a release of the whole source.')
    const atTag = [...files.values()].flat()
    refuseBroken(tag, atTag, readings)
    const versions = atTag.flatMap((file) => readings.versionOf(file, candidate.commit) ?? [])
    return Object.fromEntries(versions.map(({ id, identity }) => [id, identity]))
  })
}

/** The tag at the commit at which it counted. */
function countedTag(source: SourceConfig, tag: string, ledger: Ledger, listing: RefListing): CandidateTag {
  const commit = ledger.get(tag)
  if (commit === undefined)
    throw notFrom(tag, `The source "${source.name}" has no release of this tag. Name one that counted.`)
  const place = [...ledger.keys()].indexOf(tag)
  const listed = listing.tags.some((ref) => ref.name === tag && ref.commit === commit)
  return { tag, commit, object: null, readings: readTag(tag, source.releases).readings, place, listed }
}

/** A release keeps the earlier version of a prompt whose file it cannot read, and the tag does not show which one. */
function refuseBroken(tag: string, files: readonly FileAtTag[], readings: FileReadings): void {
  const broken = files.filter((file) => readings.problemOf(file) !== undefined).map(({ path }) => path)
  if (broken.length > 0)
    throw notFrom(
      tag,
      `Its files ${firstNames(broken, MOST_NAMES)} cannot become versions. Name another tag.`,
    )
}

function notFrom(tag: string, why: string): RegistryError {
  return new RegistryError(
    'no_set',
    `The set of ${tag} is not stored, and cannot be made from its tree: ${why}`,
  )
}
