import { parseRelease, type Release } from '../../../api/contract/release.ts'
import type { GitSource, Oid } from '../../../controller/source/git-source.ts'
import { TEXTS, type TextName } from './texts.ts'

/** Where a history happens: in memory, or in a real repository. */
export interface HistoryRepository {
  commit(parent: Oid | null, files: ReadonlyMap<string, Uint8Array>): Promise<Oid>
  /** The tracked branch is at this commit from now on. */
  moveBranch(commit: Oid): Promise<void>
  setTag(name: string, commit: Oid, options: { readonly annotated: boolean }): Promise<void>
  deleteTag(name: string): Promise<void>
  /** A reader that has seen nothing yet. */
  newSource(): GitSource
}

export interface Commit {
  readonly oid: Oid
  readonly parent: Commit | null
  /** What each path holds. */
  readonly files: ReadonlyMap<string, TextName>
}

/** What a tag is to release. */
export interface TagMeaning {
  readonly name: string
  /** The one prompt that it names; `null` where it covers its whole tree. */
  readonly of: string | null
  /** `null` where its name is no semantic version. */
  readonly release: Release | null
}

export interface Tag extends TagMeaning {
  readonly at: Commit
}

export type FileChanges = Readonly<Record<string, TextName | null>>

/** A commit, counted back from the newest, round and round: of the branch, or of all that ever were. */
export interface Place {
  readonly of: 'branch' | 'all'
  readonly back: number
}

/** What happened in a repository, told beside it: what is said of it here is never read from it. */
export class History {
  readonly commits: Commit[] = []
  readonly tags = new Map<string, Tag>()
  /** By name, what every tag that ever was is to release. */
  readonly meanings = new Map<string, TagMeaning>()
  readonly repository: HistoryRepository
  /** How often a ref changed. */
  moves = 0
  /** Where the branch was, the oldest first. */
  readonly positions: Commit[] = []

  private constructor(repository: HistoryRepository, first: Commit) {
    this.repository = repository
    this.commits.push(first)
    this.positions.push(first)
  }

  static async begin(repository: HistoryRepository, files: FileChanges): Promise<History> {
    const first = await makeCommit(repository, null, files)
    await repository.moveBranch(first.oid)
    return new History(repository, first)
  }

  /** On the branch, or aside: on one of the commits there are, with no branch that holds it. */
  async commit(changes: FileChanges, aside: Place | null): Promise<void> {
    const parent = aside === null ? this.branch : this.commitAt(aside)
    const commit = await makeCommit(this.repository, parent, changes)
    this.commits.push(commit)
    if (aside === null) await this.#moveTo(commit)
  }

  /** A force-push, or the merge of what was made aside. */
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

  /** A tag as people name it: `of` one prompt, or of all. */
  meaningOf(of: string | null, release: string, slash: boolean): TagMeaning {
    const version = release === 'next' ? `3.${this.meanings.size}.0` : release
    const name = of === null ? `v${version}` : slash ? `${of}/v${version}` : `${of}@${version}`
    return { name, of, release: parseRelease(version) ?? null }
  }

  commitAt({ of, back }: Place): Commit {
    const commits = of === 'all' ? this.commits : lineOf(this.branch)
    const commit = commits.at(-1 - (back % commits.length))
    if (commit === undefined) throw new Error('a history begins with a commit')
    return commit
  }

  get branch(): Commit {
    return this.positions.at(-1) as Commit
  }

  commitOf(oid: Oid): Commit {
    const commit = this.commits.find((one) => one.oid === oid)
    if (commit === undefined) throw new Error(`there never was a commit ${oid}`)
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

/** The commit and all before it, the oldest first. */
function lineOf(tip: Commit): Commit[] {
  const commits: Commit[] = []
  for (let one: Commit | null = tip; one !== null; one = one.parent) commits.unshift(one)
  return commits
}

async function makeCommit(
  repository: HistoryRepository,
  parent: Commit | null,
  changes: FileChanges,
): Promise<Commit> {
  const files = new Map(parent?.files)
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) files.delete(path)
    else files.set(path, text)
  }
  const bytes = new Map([...files].map(([path, text]) => [path, TEXTS[text].bytes]))
  return { oid: await repository.commit(parent?.oid ?? null, bytes), parent, files }
}
