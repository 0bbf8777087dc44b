import type { ReleaseSet } from '../contract/release-set.ts'
import { Bounded } from '../store/bounded.ts'
import type { SetStore } from '../store/set-store.ts'

/** A member takes about 200 bytes of memory. */
const MOST_MEMBERS = 300_000
const DIGEST = /^[0-9a-f]{64}$/

/** The sets of a process in memory. A set never changes, so each is read once. */
export class KnownSets {
  readonly #sets = new Bounded<ReleaseSet>(MOST_MEMBERS, ({ members }) => Object.keys(members).length + 1)
  readonly #reading = new Map<string, Promise<ReleaseSet | undefined>>()

  /** `undefined` if the store has no such set. */
  async get(store: Pick<SetStore, 'get'>, digest: string): Promise<ReleaseSet | undefined> {
    if (!DIGEST.test(digest)) return undefined
    const known = this.#sets.get(digest)
    if (known !== undefined) return known
    const reading = this.#reading.get(digest) ?? this.#read(store, digest)
    this.#reading.set(digest, reading)
    return await reading.finally(() => this.#reading.delete(digest))
  }

  keep(digest: string, set: ReleaseSet): void {
    this.#sets.set(digest, set)
  }

  async #read(store: Pick<SetStore, 'get'>, digest: string): Promise<ReleaseSet | undefined> {
    const set = await store.get(digest)
    if (set !== undefined) this.keep(digest, set)
    return set
  }
}
