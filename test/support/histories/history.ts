import { parseRelease, type Release } from '../../../api/contract/release.ts'
import type { GitSource } from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import { directoryOf } from './meaning.ts'
import { LAYOUTS, type LayoutName, TEXTS, type TextName } from './texts.ts'

/** The backend of a history: in memory, or a real repository. */
export interface HistoryRepository {
  commit(parent: Oid | null, files: ReadonlyMap<string, Uint8Array>): Promise<Oid>
  /** Moves the tracked branch to this commit. */
  moveBranch(commit: Oid): Promise<void>
  setTag(name: string, commit: Oid, options: { readonly annotated: boolean }): Promise<void>
  deleteTag(name: string): Promise<void>
  /** A reader with an empty cache. */
  newSource(): GitSource
}

export interface Commit {
  readonly oid: Oid
  readonly parent: Commit | null
  /** The content of each path, except the layout file. */
  readonly files: ReadonlyMap<string, TextName>
  /** The content of the layout file; `null` if there is none. */
  readonly layout: LayoutName | null
}

/** The intended release of a tag. */
export interface TagMeaning {
  readonly name: string
  /** The prompt that the tag names; `null` if it covers its whole tree. */
  readonly of: string | null
  /** `null` if its name is not a semantic version. */
  readonly release: Release | null
}

export interface Tag extends TagMeaning {
  readonly at: Commit
}

export type FileChanges = Readonly<Record<string, TextName | null>>

/** Selects a commit of the branch, or of all that ever existed. Counts back from the newest, and wraps around. */
export interface Place {
  readonly of: 'branch' | 'all'
  readonly back: number
}

/** The history of a repository, recorded separately and never read from the repository. */
export class History {
  readonly commits: Commit[] = []
  readonly tags = new Map<string, Tag>()
  /** The intended release of every tag that ever existed, by name. */
  readonly meanings = new Map<string, TagMeaning>()
  readonly repository: HistoryRepository
  /** How often a ref changed. */
  moves = 0
  /** Previous positions of the branch, oldest first. */
  readonly positions: Commit[] = []

  private constructor(repository: HistoryRepository, first: Commit) {
    this.repository = repository
    this.commits.push(first)
    this.positions.push(first)
  }

  static async begin(repository: HistoryRepository, files: FileChanges): Promise<History> {
    const first = await makeCommit(repository, null, changedFiles(null, files), null)
    await repository.moveBranch(first.oid)
    return new History(repository, first)
  }

  /** A commit on the branch, or on top of any existing commit without a branch. */
  async commit(changes: FileChanges, aside: Place | null): Promise<void> {
    const parent = aside === null ? this.branch : this.commitAt(aside)
    const files = changedFiles(parent, changes)
    const commit = await makeCommit(this.repository, parent, files, parent.layout)
    this.commits.push(commit)
    if (aside === null) await this.#moveTo(commit)
  }

  /** Moves all prompts to the other folder, as declared by the repository itself. */
  async moveLayout(): Promise<void> {
    const { branch } = this
    const from = directoryOf(branch)
    const to = from === 'prompts' ? 'texts' : 'prompts'
    const files = new Map([...branch.files].map(([path, text]) => [moved(path, from, to), text]))
    const commit = await makeCommit(this.repository, branch, files, `in ${to}`)
    this.commits.push(commit)
    await this.#moveTo(commit)
  }

  /** A force-push, or the merge of commits made off the branch. */
  async moveBranch(to: Place): Promise<void> {
    await this.#moveTo(this.commitAt(to))
  }

  async setTag(meaning: TagMeaning, at: Place, annotated: boolean): Promise<void> {
    const commit = this.commitAt(at)
    await this.repository.setTag(meaning.name, commit.oid, { annotated })
    this.moves++
    this.tags.set(meaning.name, { ...meaning, at: commit })
    this.meanings.set(meaning.name, meaning)
  }

  async deleteTag(name: string): Promise<void> {
    await this.repository.deleteTag(name)
    this.moves++
    this.tags.delete(name)
  }

  /** The name of a tag: `of` one prompt, or of all. */
  meaningOf(of: string | null, release: string, slash: boolean): TagMeaning {
    const version = release === 'next' ? `3.${this.meanings.size}.0` : release
    const name = of === null ? `v${version}` : slash ? `${of}/v${version}` : `${of}@${version}`
    return { name, of, release: releaseOf(version) }
  }

  commitAt({ of, back }: Place): Commit {
    const commits = of === 'all' ? this.commits : lineOf(this.branch)
    const commit = commits.at(-1 - (back % commits.length))
    if (commit === undefined) throw new Error('a history starts with a commit')
    return commit
  }

  get branch(): Commit {
    return this.positions.at(-1) as Commit
  }

  commitOf(oid: Oid): Commit {
    const commit = this.commits.find((one) => one.oid === oid)
    if (commit === undefined) throw new Error(`unknown commit ${oid}`)
    return commit
  }

  isOnBranch(commit: Commit): boolean {
    return lineOf(this.branch).includes(commit)
  }

  wasOnBranch(commit: Commit): boolean {
    return this.positions.some((tip) => lineOf(tip).includes(commit))
  }

  async #moveTo(commit: Commit): Promise<void> {
    await this.repository.moveBranch(commit.oid)
    this.moves++
    this.positions.push(commit)
  }
}

/** The commit and its ancestors, oldest first. */
function lineOf(tip: Commit): Commit[] {
  const commits: Commit[] = []
  for (let one: Commit | null = tip; one !== null; one = one.parent) commits.unshift(one)
  return commits
}

function changedFiles(parent: Commit | null, changes: FileChanges): ReadonlyMap<string, TextName> {
  const files = new Map(parent?.files)
  for (const [path, text] of Object.entries(changes)) {
    const place = parent === null ? path : moved(path, 'prompts', directoryOf(parent))
    if (text === null) files.delete(place)
    else files.set(place, text)
  }
  return files
}

function moved(path: string, from: string, to: string): string {
  return path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path
}

async function makeCommit(
  repository: HistoryRepository,
  parent: Commit | null,
  files: ReadonlyMap<string, TextName>,
  layout: LayoutName | null,
): Promise<Commit> {
  const bytes = new Map<string, Uint8Array>([...files].map(([path, text]) => [path, TEXTS[text].bytes]))
  if (layout !== null) bytes.set('.promptctl.yaml', Buffer.from(LAYOUTS[layout]))
  return { oid: await repository.commit(parent?.oid ?? null, bytes), parent, files, layout }
}

/** A version with two parts is also a release. */
function releaseOf(version: string): Release | null {
  return parseRelease(/^\d+\.\d+$/.test(version) ? `${version}.0` : version) ?? null
}
