import type { GitSnapshot, TreeEntry } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { unlessMissing } from '../source/source-error.ts'
import { ConfigError } from '../values/yaml-document.ts'
import { type LayoutInForce, refine, type SourceLayout } from './layout.ts'
import { LAYOUT_FILE, parseRepositoryLayout, type RepositoryLayout } from './repository-layout.ts'

const MOST_BYTES = 64 * 1024

const COSTLY = `The patterns of ${LAYOUT_FILE} take too many comparisons with the files of this commit. Use fewer of them, with fewer wildcards.`

/** The layout file in a commit's entries; `undefined` if there is none or the source does not read it. */
export function layoutEntry(source: SourceLayout, entries: readonly TreeEntry[]): TreeEntry | undefined {
  return source.repositoryLayout ? entries.find(({ path }) => path === LAYOUT_FILE) : undefined
}

export interface BranchLayoutInput {
  readonly source: SourceLayout
  readonly snapshot: Pick<GitSnapshot, 'blobs'>
  /** The commit of the branch, and its entries. */
  readonly commit: Oid
  readonly entries: readonly TreeEntry[]
  /** The last valid layout file. */
  readonly remembered: LayoutInForce['from']
  /** Layout files whose patterns take too many comparisons with these entries. */
  readonly costly?: ReadonlySet<Oid>
}

/** The layout in force at a commit of the branch: its own or, if that is invalid, the last valid one. */
export async function branchLayout(input: BranchLayoutInput): Promise<LayoutInForce> {
  const { source, snapshot, commit, entries, remembered, costly = new Set() } = input
  const entry = layoutEntry(source, entries)
  if (entry === undefined) return refine(source, {}, null)
  const read = costly.has(entry.oid) ? COSTLY : await readEntry(snapshot, entry)
  if (typeof read !== 'string') return refine(source, read, { commit, blob: entry.oid })
  const isUsable = remembered !== null && !costly.has(remembered.blob)
  const last = isUsable ? await unlessMissing(readBlob(snapshot, remembered.blob)) : null
  if (remembered === null || last === null || typeof last === 'string')
    return refine(source, {}, null, `${read} The platform's layout is in force.`)
  const short = remembered.commit.slice(0, 12)
  return refine(source, last, remembered, `${read} The layout at ${short} stays in force.`)
}

/** The layout of a release tag's own commit, or the platform's if its file is invalid. */
export async function tagLayout(
  source: SourceLayout,
  snapshot: Pick<GitSnapshot, 'blobs'>,
  commit: Oid,
  entries: readonly TreeEntry[],
): Promise<LayoutInForce> {
  const entry = layoutEntry(source, entries)
  if (entry === undefined) return refine(source, {}, null)
  const read = await readEntry(snapshot, entry)
  if (typeof read !== 'string') return refine(source, read, { commit, blob: entry.oid })
  return platformLayoutAtTag(source, read)
}

/** The platform's layout for a tag whose own takes too many comparisons with its files. */
export function costlyTagLayout(source: SourceLayout): LayoutInForce {
  return platformLayoutAtTag(source, COSTLY)
}

function platformLayoutAtTag(source: SourceLayout, problem: string): LayoutInForce {
  return refine(source, {}, null, `${problem} The platform's layout is in force for this tag.`)
}

/** The layout in an entry, or an error message. */
async function readEntry(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  { mode, oid }: TreeEntry,
): Promise<RepositoryLayout | string> {
  if (!mode.startsWith('100')) return `${LAYOUT_FILE} is not a regular file. Commit the file itself.`
  return await readBlob(snapshot, oid)
}

async function readBlob(snapshot: Pick<GitSnapshot, 'blobs'>, oid: Oid): Promise<RepositoryLayout | string> {
  for await (const blob of snapshot.blobs([oid], MOST_BYTES)) {
    if ('tooLarge' in blob)
      return `${LAYOUT_FILE} has ${blob.tooLarge} bytes; at most ${MOST_BYTES} are allowed.`
    return readBytes(blob.bytes)
  }
  return `${LAYOUT_FILE} cannot be read.`
}

function readBytes(bytes: Uint8Array): RepositoryLayout | string {
  try {
    return parseRepositoryLayout(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof ConfigError) return sentence(error.message)
    if (error instanceof TypeError) return `${LAYOUT_FILE} is not valid UTF-8. Save it as UTF-8.`
    throw error
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
