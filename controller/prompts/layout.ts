import type { Additions } from '../../api/contract/version.ts'
import type { Oid } from '../source/oid.ts'
import { compileGlob, isGlob } from '../values/glob.ts'
import type { Layout, Move } from './layout-fields.ts'
import type { RepositoryLayout } from './repository-layout.ts'
import { wholeOf } from './split-text.ts'

/**
 * What a file may cost on average, for as many files as the source may have. Ten patterns such as `**\/*.md` take 1,800
 * comparisons with a path of 60 characters; twenty thousand files at this bound take half a second.
 */
const MOST_STEPS_PER_FILE = 2000

/** A source's layout in the platform's configuration. */
export interface SourceLayout extends Layout {
  /** Whether to read the repository's own layout file. */
  readonly repositoryLayout: boolean
  /** How many files the directories may have together. */
  readonly maxFiles: number
}

/** How to read a tree of a source. */
export interface LayoutInForce {
  readonly layout: Layout
  readonly frontMatter: boolean
  /** What the layout adds to a prompt. Its description and tags count only if the file has none. */
  readonly additionsFor: (id: string, path: string) => Additions
  /** Moves that the repository declares. Their ids may lack the prefix of the source. */
  readonly moved: readonly Move[]
  /**
   * The names with additions that match no file of a tree, and the targets of moves that it lacks. `ids`: the tree's
   * prompt ids by path.
   */
  readonly unknownNames: (ids: ReadonlyMap<string, string>) => readonly string[]
  /** The commit and blob of the layout file; `null` if only the platform's layout is in force. */
  readonly from: { readonly commit: Oid; readonly blob: Oid } | null
  /** The error in the repository's file, and the layout in force instead, as a message. `null` if none. */
  readonly problem: string | null
}

/** How many comparisons the patterns of a layout may take for one tree. The platform's own patterns have no bound. */
export function mostSteps({ from }: LayoutInForce, { maxFiles }: Pick<SourceLayout, 'maxFiles'>): number {
  return from === null ? Number.POSITIVE_INFINITY : MOST_STEPS_PER_FILE * maxFiles
}

/** The source's layout, in which each key of the repository's layout file replaces the source's. */
export function refine(
  source: SourceLayout,
  refinement: RepositoryLayout,
  from: LayoutInForce['from'],
  problem: string | null = null,
): LayoutInForce {
  const { directories, include, exclude, idPrefix } = source
  const { frontMatter = true, prompts = {}, moved = [] } = refinement
  const additions = new Map(
    Object.entries(prompts).map(([name, { id: _id, sidecar: _sidecar, split: _split, ...rest }]) => [
      name,
      rest,
    ]),
  )
  const sidecars = Object.entries(prompts).flatMap(([name, { sidecar }]) =>
    sidecar === undefined ? [] : [{ name, files: sidecar }],
  )
  const splits = Object.entries(prompts).flatMap(([name, { split }]) => (split === true ? [name] : []))
  const ownIds = Object.entries(prompts).flatMap(([path, { id }]) =>
    id === undefined ? [] : [[path, id] as const],
  )
  const globs = [...additions].flatMap(([name, added]) =>
    isGlob(name) ? [{ name, matches: compileGlob(name, { dot: true }), added }] : [],
  )
  const withoutPrefix = (id: string) => (id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id)
  return {
    layout: {
      directories: refinement.directories ?? directories,
      include: refinement.include ?? include,
      exclude: refinement.exclude ?? exclude,
      idPrefix,
      ...(ownIds.length > 0 && { ids: Object.fromEntries(ownIds) }),
      ...(sidecars.length > 0 && { sidecars }),
      ...(splits.length > 0 && { splits }),
    },
    frontMatter,
    additionsFor: (id, path) => ({
      ...Object.assign({}, ...globs.filter(({ matches }) => matches(path)).map(({ added }) => added)),
      ...(additions.get(path) ?? additions.get(id) ?? additions.get(withoutPrefix(id))),
    }),
    moved,
    unknownNames: (ids) => {
      if (additions.size + moved.length === 0) return []
      const paths = [...ids.keys()].map((path) => wholeOf(path).whole)
      const known = new Set([...paths, ...[...ids.values()].flatMap((id) => [id, withoutPrefix(id)])])
      const isUnused = (name: string) =>
        globs.every((glob) => glob.name !== name || !paths.some(glob.matches))
      return [
        ...[...additions.keys()].filter((name) => !known.has(name) && isUnused(name)),
        ...moved.flatMap(({ to }) => (known.has(to) ? [] : [to])),
      ]
    },
    from,
    problem,
  }
}
