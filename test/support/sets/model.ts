import { expect } from 'vitest'
import type { CurrentSet } from '../../../api/contract/registry-api.ts'

/** Labels by prompt id. A label stands for a text. */
export type Texts = ReadonlyMap<string, string>

/** The label that an answer has; the error code if it is one. */
export type Answers = ReadonlyMap<string, string>

export interface Release {
  readonly tag: string
  /** With those of prompts that go on although the release lacks them. */
  readonly texts: Texts
  readonly lacks: ReadonlySet<string>
}

export type NamedSet = Pick<CurrentSet, 'source' | 'set' | 'release'>

export interface SourceRollback {
  readonly source: string
  /** What the source served as a whole. */
  readonly release: string | null
  /** What each prompt served. */
  readonly served: ReadonlyMap<string, string | null>
  /** The earlier set, and the release that the source goes back to. */
  readonly target: Pick<NamedSet, 'set' | 'release'> & { readonly texts: Texts }
  /** Ids of the source's prompts. */
  readonly owned: ReadonlySet<string>
}

/** What readers may see, by what teams released and people did. It knows nothing of how the product works. */
export class Model {
  /** By source, then by tag, oldest first. */
  readonly releases = new Map<string, Map<string, Release>>()
  /** The release of a source in which a text first was. Releases of two sources cannot be compared. */
  readonly #firstIn = new Map<string, string>()
  /** What each set gives. */
  readonly #sets = new Map<string, Texts>()
  /** Sets beside the release that they were checked for. Two releases can have the same set. */
  readonly #checked = new Set<string>()
  /** The texts of each source's set that was read last. */
  readonly #last = new Map<string, Texts>()
  /** Prompts that people changed since the last release that they follow again. */
  readonly touched = new Set<string>()
  readonly #revoked = new Set<string>()
  /** Versions that a person rolled back, until that person's act ends. */
  readonly #withdrawn = new Map<string, Set<string>>()
  /** The same for a rollback of a whole source, while it serves no newer release than the one that it left. */
  readonly #left = new Map<string, { readonly label: string; readonly release: string | null }>()
  /** Prompts that came from another source, with the newest release of all sources at that time. */
  readonly #received = new Map<string, string | null>()
  /** What frozen prompts serve. */
  readonly #frozen = new Map<string, string | null>()
  /** How often each kind of answer was checked. */
  readonly seen = new Map<string, number>()

  released(source: string, release: Release): void {
    this.releases.set(source, (this.releases.get(source) ?? new Map()).set(release.tag, release))
    for (const [id, label] of release.texts)
      if (!this.#firstIn.has(`${source} ${id} ${label}`))
        this.#firstIn.set(`${source} ${id} ${label}`, release.tag)
  }

  /** A person changed the prompt by hand. */
  touch(id: string): void {
    this.touched.add(id)
  }

  revoked(id: string, labels: readonly string[]): void {
    this.touch(id)
    for (const label of labels) this.#revoked.add(`${id} ${label}`)
  }

  /** A revocation made another version serve. It undoes a rollback only if there is nothing else: `others`. */
  fellBack(id: string, to: string | null, others: readonly string[]): void {
    const withdrawn = this.#withdrawn.get(id)
    if (to === null || withdrawn?.has(to) !== true) return
    const better = others.filter((label) => !withdrawn.has(label) && !this.isRevoked(id, label))
    expect(better, `a revocation of ${id} undoes the rollback from ${to}`).toEqual([])
    withdrawn.delete(to)
  }

  isRevoked(id: string, label: string): boolean {
    return this.#revoked.has(`${id} ${label}`)
  }

  /** The prompt came from another source. */
  received(id: string): void {
    this.touch(id)
    const tags = [...this.releases.values()].flatMap((all) => [...all.keys()])
    this.#received.set(id, tags.reduce(newerRelease, null))
  }

  rolledBack(id: string, from: string | null, to: string): void {
    this.touch(id)
    if (from !== null) this.#withdrawn.set(id, (this.#withdrawn.get(id) ?? new Set()).add(from))
    this.#withdrawn.get(id)?.delete(to)
    this.#left.delete(id)
  }

  frozen(id: string, label: string | null): void {
    this.touch(id)
    this.#frozen.set(id, label)
  }

  /** What the prompt serves was changed by hand since it was frozen. */
  refrozen(id: string, label: string | null): void {
    if (this.#frozen.has(id)) this.#frozen.set(id, label)
  }

  unheld(id: string): void {
    this.touch(id)
    this.#frozen.delete(id)
    this.#withdrawn.delete(id)
  }

  /**
   * A person moved the source from one set to another one, made from an earlier one. That one keeps its members, except
   * those that were revoked, and those that another source owns now or owned then.
   */
  sourceRolledBack(
    from: Texts,
    to: Texts,
    { source, served, target, owned, ...before }: SourceRollback,
  ): void {
    // A pass may have begun to promote a newer release, which goes back too.
    const begun = [...served].map(([id, label]) => this.#firstIn.get(`${source} ${id} ${label}`) ?? null)
    const release = [before.release, ...begun].reduce(newerRelease)
    const { texts: wanted } = target
    for (const id of this.#oddIn({ ...target, source }, wanted)) this.touch(id)
    const changed = [...new Set([...wanted.keys(), ...to.keys()])].filter(
      (id) => wanted.get(id) !== to.get(id),
    )
    const mayChange = (id: string) => {
      const label = wanted.get(id)
      return label === undefined ? this.#received.has(id) : !owned.has(id) || this.isRevoked(id, label)
    }
    expect(
      changed.filter((id) => !mayChange(id)),
      'the earlier set is another one',
    ).toEqual([])
    for (const id of changed) this.touch(id)
    for (const id of new Set([...from.keys(), ...to.keys()])) {
      const label = from.get(id)
      const wanted = to.get(id)
      if (label !== undefined && label !== wanted) this.#left.set(id, { label, release })
      else if (this.#left.get(id)?.label === wanted) this.#left.delete(id)
      if (wanted !== undefined) this.#withdrawn.get(id)?.delete(wanted)
    }
    // Also those that a pass had begun to promote, which neither set has.
    for (const id of new Set([...served.keys(), ...to.keys()])) this.#frozen.delete(id)
  }

  /** A set that the pointer names has exactly its release, apart from what people changed. Checked once a set. */
  expectSet(named: NamedSet, texts: Texts): void {
    const { source, set, release } = named
    const last = this.#last.get(source)
    this.#last.set(source, texts)
    this.#sets.set(set, texts)
    if (this.#checked.has(`${set} ${release}`)) return
    this.#checked.add(`${set} ${release}`)
    const { texts: wanted, lacks } = this.#release(source, release) ?? {}
    // A release that brings back a text that was revoked earlier does not serve it.
    const isDenied = (id: string) => this.isRevoked(id, wanted?.get(id) ?? '')
    // After a rollback, a release does not bring back the text of a prompt that it lacks.
    const stays = (id: string) => lacks?.has(id) === true && texts.get(id) === last?.get(id)
    const mixed = this.#oddIn(named, texts).filter(
      (id) => !this.touched.has(id) && !isDenied(id) && !stays(id),
    )
    const told = mixed.map((id) => `${id}: ${texts.get(id)} instead of ${wanted?.get(id)}`)
    expect(told, `the set ${set.slice(0, 12)} of ${release} is not one generation`).toEqual([])
    this.#count('set')
  }

  /** What of a set differs from its release. */
  #oddIn({ source, release }: NamedSet, texts: Texts): string[] {
    const wanted = this.#release(source, release)?.texts ?? new Map<string, string>()
    return [...new Set([...wanted.keys(), ...texts.keys()])].filter((id) => wanted.get(id) !== texts.get(id))
  }

  #release(source: string, tag: string | null): Release | undefined {
    return this.releases.get(source)?.get(tag ?? '')
  }

  /** Answers from a set are exactly its texts; only a revoked text is missing. */
  expectFromSet(set: string, answers: Answers, what: string): void {
    const texts = this.#sets.get(set)
    if (texts === undefined) throw new Error(`the set ${set} was never checked`)
    const wrong = [...answers].filter(([id, answer]) => {
      const label = texts.get(id)
      if (label === undefined) return isLabel(answer)
      return answer !== (this.isRevoked(id, label) ? 'revoked' : label)
    })
    expect(wrong, `${what} is mixed: not the set ${set.slice(0, 12)}`).toEqual([])
    this.#count(what)
  }

  /** No answer undoes what a person did. */
  expectNoneUndone(answers: Answers, what: string): void {
    const undone = [...answers].filter(
      ([id, label]) => this.isRevoked(id, label) || this.#withdrawn.get(id)?.has(label) === true,
    )
    expect(undone, `${what} undoes a rollback or a revocation`).toEqual([])
    this.#count(`${what}: nothing undone`)
  }

  /** The set does not go back to what a rollback of the source left. */
  expectRolledBack(answers: Answers, { release }: Pick<CurrentSet, 'release'>, what: string): void {
    const undone = [...answers].filter(([id, label]) => {
      const left = this.#left.get(id)
      return !this.touched.has(id) && left?.label === label && !isNewer(release, left.release)
    })
    expect(undone, `${what} undoes the rollback of the source`).toEqual([])
  }

  expectFrozen(served: ReadonlyMap<string, string | null>): void {
    const changed = [...this.#frozen].filter(([id, label]) => served.has(id) && served.get(id) !== label)
    expect(changed, 'frozen prompts changed').toEqual([])
  }

  /**
   * Prompts that follow their release again, without a hold, are as good as those that nobody touched. A prompt of
   * another source keeps the number of its highest release, and follows only those above it.
   */
  settled(source: string, release: string | null, served: Texts, held: ReadonlySet<string>): void {
    const wanted = this.#release(source, release)?.texts
    const isAbove = (id: string) => isNewer(release, this.#received.get(id) ?? null)
    for (const [id, label] of served)
      if (!held.has(id) && isAbove(id) && label === wanted?.get(id)) this.touched.delete(id)
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}

/** Releases only count up in their second number. */
function isNewer(release: string | null, than: string | null): boolean {
  const numberOf = (tag: string | null) => Number(tag?.split('.')[1] ?? 0)
  return numberOf(release) > numberOf(than)
}

function newerRelease(a: string | null, b: string | null): string | null {
  return isNewer(b, a) ? b : a
}

function isLabel(answer: string): boolean {
  return /^[0-9a-f]{12}$/.test(answer)
}
