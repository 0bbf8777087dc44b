import {
  type BranchRef,
  EVIDENCE_REFS,
  type EvidenceRef,
  type RefListing,
  type TagRef,
} from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { REF_LIMITS, tooManyRefs } from '../ref-limits.ts'
import { createLineReader } from './lines.ts'

const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'
const PEELED = '^{}'

/** The part of a listing that a source reads. */
export interface ListedRefs {
  /** The tracked branch. Default: the remote's default branch. */
  readonly branch: string | undefined
  /** Selects the release branches. Default: none. */
  readonly isReleaseBranch: ((name: string) => boolean) | undefined
  /** List the refs with evidence. Default: false. */
  readonly evidence?: boolean | undefined
}

/** Reads the output of `git ls-remote`, chunk by chunk. */
export interface RefReader {
  /** Returns false if the listing exceeds the limits. Then nothing more is read. */
  add(chunk: Buffer): boolean
  /** The listing; `null` if it lacks the tracked branch. Throws `too_large`. */
  listing(): RefListing | null
  /** Whether nothing was listed. */
  readonly empty: boolean
}

export function createRefReader(
  { branch, isReleaseBranch = () => false, evidence: isEvidenceListed = false }: ListedRefs,
  limits = REF_LIMITS,
): RefReader {
  const heads = new Map<string, Oid>()
  const tags = new Map<string, { oid: Oid; peeled?: Oid }>()
  const evidence: EvidenceRef[] = []
  let head: string | undefined
  let releaseBranches = 0
  let bytes = 0
  let empty = true

  const readLines = createLineReader((line) => {
    const [left = '', name = ''] = line.split('\t')
    if (name === 'HEAD' && left.startsWith(`ref: ${HEADS}`)) head = left.slice(`ref: ${HEADS}`.length)
    if (!/^[0-9a-f]{40,64}$/.test(left)) return
    empty = false
    // Patterns also match the end of a name, so a line may have another ref such as `refs/x/refs/heads/main`.
    if (name.startsWith(HEADS)) addHead(name.slice(HEADS.length), left)
    else if (name.startsWith(TAGS)) addTag(name.slice(TAGS.length), left)
    else if (isEvidenceListed && name.startsWith(EVIDENCE_REFS))
      evidence.push({ name: name.slice(EVIDENCE_REFS.length), oid: left })
  })
  const addHead = (name: string, oid: Oid) => {
    const isRelease = name !== branch && isReleaseBranch(name)
    if (isRelease) releaseBranches++
    if (isRelease || branch === undefined || branch === name) heads.set(name, oid)
  }
  const addTag = (name: string, oid: Oid) => {
    // An annotated tag is followed by its peeled line. A lightweight tag has none.
    const tag = name.endsWith(PEELED) ? tags.get(name.slice(0, -PEELED.length)) : undefined
    if (tag) tag.peeled = oid
    else tags.set(name, { oid })
  }
  const fits = () => bytes <= limits.bytes && tags.size + releaseBranches + evidence.length <= limits.refs

  return {
    get empty() {
      return empty
    },
    add(chunk) {
      if (!fits()) return false
      bytes += chunk.length
      readLines(chunk)
      return fits()
    },
    listing() {
      if (!fits()) throw tooManyRefs(limits)
      const tracked = branch ?? head
      const commit = tracked === undefined ? undefined : heads.get(tracked)
      if (tracked === undefined || commit === undefined) return null
      const branches = [...heads].flatMap(([name, oid]): BranchRef[] =>
        name !== tracked && isReleaseBranch(name) ? [{ name, commit: oid }] : [],
      )
      return {
        ...{ branch: tracked, commit, branches: branches.sort(byName), tags: tagRefs(tags).sort(byName) },
        ...(isEvidenceListed && { evidence: evidence.sort(byName) }),
      }
    },
  }
}

function tagRefs(tags: ReadonlyMap<string, { readonly oid: Oid; readonly peeled?: Oid }>): TagRef[] {
  return [...tags].map(([name, { oid, peeled }]) =>
    peeled === undefined ? { name, commit: oid } : { name, commit: peeled, object: oid },
  )
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}
