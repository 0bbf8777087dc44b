import { firstNames } from '../../api/contract/first-names.ts'
import { promptIdProblem } from '../../api/contract/prompt-id.ts'
import { compileGlobs } from '../values/glob.ts'
import { idPrefixesOf, isBelow } from './directories.ts'
import type { Layout } from './layout-fields.ts'
import { pathMatcher, sidecarNames } from './sidecar-rules.ts'

/** The role of a path under a layout. */
export type FilePlace = {
  /** The directories that contain the file. */
  readonly directories: readonly string[]
} & (
  | { readonly id: string; readonly sidecars?: readonly string[]; readonly split?: true }
  | { readonly quarantined: string }
  /** `excluded`: by a pattern of `exclude`. */
  | { readonly ignored: string; readonly excluded?: true }
)

/** How many patterns a reason lists. */
const MOST_PATTERNS = 5

/** Classifies paths under a layout; `null` for one outside of its directories. Pure, but for `onSteps`. */
export function placeUnder(
  layout: Layout,
  directories: readonly string[],
  onSteps: (count: number) => void,
): (path: string) => FilePlace | null {
  const isIncluded = compileGlobs(layout.include, { dot: true, onSteps })
  const isExcluded = compileGlobs(layout.exclude, { dot: true, onSteps })
  const idPrefixes = idPrefixesOf(layout)
  const { ids = {}, sidecars: rules = [] } = layout
  const sidecarsOf = sidecarNames(rules, onSteps)
  const isSplit = pathMatcher(layout.splits ?? [], onSteps)
  // Thousands of files may be left out: they share these sentences.
  const notIncluded = `It matches no include pattern (${firstNames(layout.include, MOST_PATTERNS)}).`
  const excluded = `It matches an exclude pattern (${firstNames(layout.exclude, MOST_PATTERNS)}).`
  return (path) => {
    const above = directories.filter((directory) => isBelow(path, directory))
    const [directory] = above
    if (directory === undefined) return null
    const below = directory === '' ? path : path.slice(directory.length + 1)
    if (!isIncluded(below))
      return {
        directories: above,
        ignored: notIncluded,
        ...(isExcluded(below) && { excluded: true as const }),
      }
    if (isExcluded(below)) return { directories: above, ignored: excluded, excluded: true }
    if (path.includes('\uFFFD'))
      return { directories: above, quarantined: 'The file name is not valid UTF-8; rename the file.' }
    const own = Object.hasOwn(ids, path) ? ids[path] : undefined
    const sidecars = sidecarsOf(path)
    const name = (idPrefixes.get(directory) ?? '') + nameOf(below, sidecars !== undefined)
    const id = (layout.idPrefix + (own ?? name)).normalize('NFC')
    const problem = promptIdProblem(id)
    if (problem !== undefined) return { directories: above, quarantined: problem }
    return {
      ...{ directories: above, id },
      ...(sidecars !== undefined && { sidecars }),
      ...(isSplit(path) && { split: true as const }),
    }
  }
}

/** A file with sidecars has the name of its folder. */
function nameOf(below: string, isFolder: boolean): string {
  const slash = below.lastIndexOf('/')
  return isFolder && slash !== -1 ? below.slice(0, slash) : below.replace(/(?<=[^/])\.[^./]+$/, '')
}
