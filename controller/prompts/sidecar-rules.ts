import { compileGlobs, isGlob } from '../values/glob.ts'
import type { SidecarRule } from './layout-fields.ts'

/** The names of the files that belong to a prompt file by a rule; `undefined` if it matches none. */
export type SidecarNames = (path: string) => readonly string[] | undefined

/** The last rule that matches a path wins. `onSteps` counts comparisons. */
export function sidecarNames(rules: readonly SidecarRule[], onSteps: (count: number) => void): SidecarNames {
  const compiled = rules.map(({ name, files }) => ({ matches: pathMatcher([name], onSteps), files }))
  return (path) => compiled.findLast(({ matches }) => matches(path))?.files
}

/** The path of a file beside another one. */
export function pathBeside(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name
}

/** Matches paths and globs of paths. */
export function pathMatcher(
  names: readonly string[],
  onSteps: (count: number) => void,
): (path: string) => boolean {
  const paths = new Set(names.filter((name) => !isGlob(name)))
  const isMatch = compileGlobs(names.filter(isGlob), { dot: true, onSteps })
  return (path) => paths.has(path) || isMatch(path)
}
