import { expect } from 'vitest'
import type { CurrentSet } from '../../../api/contract/registry-api.ts'

/** Labels by prompt id. A label stands for a text. */
export type Texts = ReadonlyMap<string, string>

/** The label that an answer has; the error code if it is one. */
export type Answers = ReadonlyMap<string, string>

export interface Release {
  readonly tag: string
  readonly texts: Texts
}

export interface SourceRollback {
  readonly source: string
  /** What the source served as a whole. */
  readonly release: string | null
  /** What each prompt served. */
  readonly served: ReadonlyMap<string, string | null>
  /** The earlier set. */
  readonly target: string
  /** Ids of the source's prompts. */
  readonly owned: ReadonlySet<string>
}

/** What readers may see, by what teams released and people did. It knows nothing of how the product works. */
export class Model {
  /** By source, then by tag, oldest first. */
  readonly releases = new Map<string, Map<string, Release>>()
  /** The release of a source in which a text first was. Releases of two sources cannot be compared. */
  readonly #firstIn = new Map<string, string>()
  /** What each set gives, and what of it differs from its release. */
  readonly #sets = new Map<string, { readonly texts: Texts; readonly odd: ReadonlySet<string> }>()
  /** Prompts that people changed since the last release that they follow again. */
  readonly touched = new Set<string>()
  readonly #revoked = new Set<string>()
  /** Versions that a person rolled back, until that person's act ends. */
  readonly #withdrawn = new Map<string, Set<string>>()
  /** The same for a rollback of a whole source, while it serves no newer release than the one that it left. */
  readonly #left = new Map<string, { readonly label: string; readonly release: string | null }>()
  readonly #received = new Set<string>()
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

  isRevoked(id: string, label: string): boolean {
    return this.#revoked.has(`${id} ${label}`)
  }

  /** The prompt came from another source. */
  received(id: string): void {
    this.touch(id)
    this.#received.add(id)
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
    const release = [before.release, ...begun].reduce((newest, one) => (isNewer(one, newest) ? one : newest))
    const { texts: wanted = new Map<string, string>(), odd = [] } = this.#sets.get(target) ?? {}
    for (const id of odd) this.touch(id)
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
      this.#frozen.delete(id)
    }
  }

  /** A set that the pointer names has exactly its release, apart from what people changed. Checked once a set. */
  expectSet({ source, set, release }: Pick<CurrentSet, 'source' | 'set' | 'release'>, texts: Texts): void {
    if (this.#sets.has(set)) return
    const wanted = this.releases.get(source)?.get(release ?? '')?.texts
    const ids = new Set([...(wanted?.keys() ?? []), ...texts.keys()])
    const odd = new Set([...ids].filter((id) => wanted?.get(id) !== texts.get(id)))
    // A release that brings back a text that was revoked earlier does not serve it.
    const isDenied = (id: string) => this.isRevoked(id, wanted?.get(id) ?? '')
    const mixed = [...odd].filter((id) => !this.touched.has(id) && !isDenied(id))
    const told = mixed.map((id) => `${id}: ${texts.get(id)} instead of ${wanted?.get(id)}`)
    expect(told, `the set ${set.slice(0, 12)} of ${release} is not one generation`).toEqual([])
    this.#sets.set(set, { texts, odd })
    this.#count('set')
  }

  /** Answers from a set are exactly its texts; only a revoked text is missing. */
  expectFromSet(set: string, answers: Answers, what: string): void {
    const texts = this.#sets.get(set)?.texts
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

  /** Prompts that follow their release again, without a hold, are as good as those that nobody touched. */
  settled(source: string, release: string | null, served: Texts, held: ReadonlySet<string>): void {
    const wanted = this.releases.get(source)?.get(release ?? '')?.texts
    for (const [id, label] of served) if (!held.has(id) && label === wanted?.get(id)) this.touched.delete(id)
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

function isLabel(answer: string): boolean {
  return /^[0-9a-f]{12}$/.test(answer)
}
