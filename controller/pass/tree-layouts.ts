import type { SourceConfig } from '../configuration/config.ts'
import { isWithin, treeScope } from '../prompts/directories.ts'
import { type LayoutInForce, mostSteps } from '../prompts/layout.ts'
import type { Layout } from '../prompts/layout-fields.ts'
import { branchLayout, costlyTagLayout, layoutEntry, tagLayout } from '../prompts/read-layout.ts'
import { CostlyPatterns, createTreeReader, type ReadTree } from '../prompts/read-tree.ts'
import { LAYOUT_FILE } from '../prompts/repository-layout.ts'
import { splitTree } from '../prompts/split-tree.ts'
import type { CandidateTag } from '../releases/classify-tags.ts'
import { type GitSnapshot, SourceError, type TreeEntry } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { sourceError, unlessMissing } from '../source/source-error.ts'
import type { LaidOutTree } from './release-files.ts'

/** Of release tags, each of which may have its own: the next tags most likely have the layout of the last ones. */
const REMEMBERED_LAYOUTS = 50

interface TreeListing {
  readonly entries: readonly TreeEntry[]
  /** The layouts whose directories are listed. */
  readonly listed: readonly Layout[]
}

/**
 * Lists trees and reads them under their layouts. Walks only the directories of a layout. Reads each layout file
 * once, because commits share it.
 */
export class TreeLayouts {
  readonly #source: SourceConfig
  readonly #snapshot: Pick<GitSnapshot, 'tree' | 'blobs'>
  /** Layouts whose directories are listed for every commit. */
  #listed: readonly Layout[]
  readonly #tagLayouts = new Map<string, LayoutInForce>()
  readonly #readers = new Map<string, ReadTree>()

  constructor(source: SourceConfig, snapshot: Pick<GitSnapshot, 'tree' | 'blobs'>) {
    this.#source = source
    this.#snapshot = snapshot
    this.#listed = [source]
  }

  /** The branch's tree, under its own layout or the last valid one. Throws `object_missing`, `too_large`. */
  async branch(commit: Oid, remembered: LayoutInForce['from']): Promise<LaidOutTree> {
    const listing = await this.#listWithin(commit)
    const { entries, listed } = listing
    const costly = new Set<Oid>()
    const input = { source: this.#source, snapshot: this.#snapshot, commit, entries, remembered, costly }
    for (;;) {
      const layout = await branchLayout(input)
      const laidOut = await unlessCostly(this.#layOut(commit, listing, layout))
      if (laidOut !== null) {
        this.#listed = isWithin(layout.layout, listed) ? listed : [...listed, layout.layout]
        return laidOut
      }
      if (layout.from !== null) costly.add(layout.from.blob)
    }
  }

  /** Another commit's tree under a given layout. Throws `object_missing`, `too_large`. */
  async under(layout: LayoutInForce, commit: Oid): Promise<LaidOutTree> {
    const listed = [layout.layout]
    const listing = { entries: await this.#list(commit, listed), listed }
    const laidOut = await unlessCostly(this.#layOut(commit, listing, layout))
    if (laidOut !== null) return laidOut
    const happened = `The patterns of ${LAYOUT_FILE} take too many comparisons with the files of ${commit.slice(0, 12)}.`
    throw sourceError('too_large', happened, { next: 'Use fewer of them, with fewer wildcards.' })
  }

  /**
   * A release's tree under the layout of its own commit. `null` if the commit is gone; a clause about the tag if
   * the tree is too large.
   */
  async atTag({
    commit,
    listed,
  }: Pick<CandidateTag, 'commit' | 'listed'>): Promise<LaidOutTree | string | null> {
    try {
      const listing = await unlessMissing(this.#listWithin(commit))
      if (listing === null) return null
      const laidOut = this.#layOutTag(commit, listing)
      return listed ? await laidOut : await unlessMissing(laidOut)
    } catch (error) {
      if (isTooLarge(error)) return `its tree is too large: ${error.message.replace(/\.$/, '')}`
      throw error
    }
  }

  async #layOutTag(commit: Oid, listing: TreeListing): Promise<LaidOutTree> {
    const entry = layoutEntry(this.#source, listing.entries)
    const key = entry === undefined ? '' : `${entry.mode} ${entry.oid}`
    const layout =
      this.#tagLayouts.get(key) ?? (await tagLayout(this.#source, this.#snapshot, commit, listing.entries))
    remember(this.#tagLayouts, key, layout)
    const laidOut = await unlessCostly(this.#layOut(commit, listing, layout))
    return laidOut ?? (await this.#layOut(commit, listing, costlyTagLayout(this.#source)))
  }

  async #layOut(commit: Oid, { entries, listed }: TreeListing, layout: LayoutInForce): Promise<LaidOutTree> {
    const all = isWithin(layout.layout, listed) ? entries : await this.#list(commit, [layout.layout])
    const layoutBlob = layoutEntry(this.#source, entries)?.oid ?? null
    const tree = await splitTree(this.#readerOf(layout)(all), this.#snapshot)
    return { tree, layout, layoutBlob }
  }

  #readerOf(inForce: LayoutInForce): ReadTree {
    const { layout } = inForce
    const most = mostSteps(inForce, this.#source)
    const key = JSON.stringify([layout, most])
    const known = this.#readers.get(key) ?? createTreeReader(layout, most)
    remember(this.#readers, key, known)
    return known
  }

  /** Layouts can be too large together but not alone. Then only the layout file is listed at first. */
  async #listWithin(commit: Oid): Promise<TreeListing> {
    const listed = this.#listed
    try {
      return { entries: await this.#list(commit, listed), listed }
    } catch (error) {
      if (!isTooLarge(error)) throw error
      return { entries: await this.#list(commit, []), listed: [] }
    }
  }

  #list(commit: Oid, layouts: readonly Layout[]): Promise<readonly TreeEntry[]> {
    const { repositoryLayout, maxFiles } = this.#source
    const files = repositoryLayout ? [LAYOUT_FILE] : []
    return this.#snapshot.tree(commit, treeScope(layouts, files, maxFiles))
  }
}

function remember<Value>(all: Map<string, Value>, key: string, value: Value): void {
  all.delete(key)
  all.set(key, value)
  const [oldest] = all.keys()
  if (all.size > REMEMBERED_LAYOUTS && oldest !== undefined) all.delete(oldest)
}

/** The result; `null` if the patterns of the layout take too many comparisons. */
async function unlessCostly<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof CostlyPatterns) return null
    throw error
  }
}

function isTooLarge(error: unknown): error is SourceError {
  return error instanceof SourceError && error.code === 'too_large'
}
