import type { TreeEntry } from '../source/git-source.ts'
import type { FilePlace } from './file-place.ts'
import { pathBeside } from './sidecar-rules.ts'
import { modeProblem } from './tree.ts'

interface Beside {
  /** By the path of a sidecar, the path of its prompt file. */
  readonly owners: ReadonlyMap<string, string>
  /** By the path of a prompt file, its sidecars. */
  readonly files: ReadonlyMap<string, readonly TreeEntry[]>
}

export const NO_SIDECARS: Beside = { owners: new Map(), files: new Map() }

/** The sidecars that a tree has. A prompt file without one is a prompt all the same. */
export function sidecarsIn(
  entries: readonly TreeEntry[],
  placeOf: (path: string) => { readonly place: FilePlace | null },
): Beside {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const owners = new Map<string, string>()
  const files = new Map<string, readonly TreeEntry[]>()
  for (const { path } of entries) {
    const { place } = placeOf(path)
    const names = place !== null && 'id' in place ? (place.sidecars ?? []) : []
    const found = names.flatMap((name) => byPath.get(pathBeside(path, name)) ?? [])
    const others = found.filter((one) => one.path !== path)
    if (others.length > 0) files.set(path, others)
    for (const one of others) owners.set(one.path, path)
  }
  return { owners, files }
}

/** Why a sidecar cannot be read, as an error message; `undefined` if all can. */
export function sidecarProblem(sidecars: readonly TreeEntry[]): string | undefined {
  const odd = sidecars.find(({ mode }) => modeProblem(mode) !== undefined)
  return odd === undefined
    ? undefined
    : `Its sidecar ${odd.path} is not a regular file. Commit the file itself.`
}
