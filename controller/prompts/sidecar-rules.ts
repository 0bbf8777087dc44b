import { compileGlobs, isGlob } from '../values/glob.ts'
import type { SidecarRule } from './layout-fields.ts'

/** The names of the files that belong to a prompt file by a rule; `undefined` if it matches none. */
export type SidecarNames = (path: string) => readonly string[] | undefined

/** The last rule that matches a path wins. `onSteps` counts comparisons. */
export function sidecarNames(rules: readonly SidecarRule[], onSteps: (count: number) => void): SidecarNames {
  const compiled = rules.map(({ name, files }) => ({
    matches: isGlob(name) ? compileGlobs([name], { dot: true, onSteps }) : (path: string) => path === name,
    files,
  }))
  return (path) => compiled.findLast(({ matches }) => matches(path))?.files
}

/** The path of a file beside another one. */
export function pathBeside(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name
}
