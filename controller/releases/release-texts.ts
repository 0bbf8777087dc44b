import { brokenBlobs, type PromptFacts, readFacts, unlessMissing } from '../desired/prompt-facts.ts'
import type { LayoutInForce } from '../desired/repository-layout.ts'
import type { PromptFile } from '../desired.ts'
import type { GitSnapshot, Oid, RefListing } from '../source/git-source.ts'
import type { FileAtTag, ReleaseFiles } from './release-files.ts'

/** What the texts of releases are read with. */
export interface TextsInput {
  readonly snapshot: GitSnapshot
  readonly listing: RefListing
  readonly draftFiles: readonly PromptFile[]
  readonly layout: LayoutInForce
}

/**
 * The files of releases, and what they and the drafts say. Only the text tells that a file cannot become a version;
 * it then takes no place, so that the release before it is read in its stead.
 */
export async function readReleases(
  readFiles: (broken: ReadonlySet<Oid>) => Promise<ReleaseFiles>,
  input: TextsInput,
): Promise<{ readonly tags: ReleaseFiles; readonly facts: PromptFacts }> {
  let broken: ReadonlySet<Oid> = new Set()
  let facts: PromptFacts = new Map()
  for (;;) {
    const tags = await readFiles(broken)
    facts = await readTexts(input, [...tags.files.values()].flat(), facts)
    const known = broken
    broken = brokenBlobs(facts)
    const tookPlace = ({ blob }: FileAtTag) => broken.has(blob) && !known.has(blob)
    if (![...tags.cut].some((id) => tags.files.get(id)?.some(tookPlace))) return { tags, facts }
  }
}

/** The objects of a tag that was moved or deleted may be gone; then nothing is known of its files. */
async function readTexts(
  { snapshot, listing, draftFiles, layout }: TextsInput,
  tagged: readonly FileAtTag[],
  known: PromptFacts,
): Promise<PromptFacts> {
  const isNew = ({ blob }: PromptFile) => !known.has(blob)
  const listed = new Set(listing.tags.map((tag) => tag.commit))
  const isListed = ({ tag }: FileAtTag) => listed.has(tag.commit)
  const expected = [...draftFiles, ...tagged.filter(isListed)].filter(isNew)
  const facts = new Map([...known, ...(await readFacts(snapshot, expected, layout))])
  const others = tagged.filter((file) => !isListed(file) && !facts.has(file.blob))
  const ofOthers = await unlessMissing(readFacts(snapshot, others, layout))
  return ofOthers === null ? facts : new Map([...facts, ...ofOthers])
}
