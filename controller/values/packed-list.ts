import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** A list that is read from the start each time. */
export interface List<T> extends Iterable<T> {
  readonly length: number
}

/** Items that are compressed together: large enough for what they share, small enough to be garbage soon. */
const PIECE = 64
/** The first level takes 15 µs a kilobyte. Most of a change is hashes, which a higher one makes no smaller. */
const LEVEL = 1

/**
 * A list of JSON values for each prompt of a source. All but the last few are kept as compressed JSON outside of the
 * heap: a change with three hashes takes 150 bytes instead of 700. Each iteration makes them anew, so items have no
 * identity.
 */
export class PackedList<T> implements List<T> {
  readonly #pieces: Uint8Array[] = []
  #open: T[] = []

  get length(): number {
    return this.#pieces.length * PIECE + this.#open.length
  }

  push(...items: readonly T[]): void {
    for (const item of items) {
      this.#open.push(item)
      if (this.#open.length === PIECE) this.#pack()
    }
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const piece of this.#pieces) yield* JSON.parse(inflateRawSync(piece).toString()) as T[]
    yield* this.#open
  }

  #pack(): void {
    // A copy, because the result may be part of a larger buffer.
    this.#pieces.push(Uint8Array.from(deflateRawSync(JSON.stringify(this.#open), { level: LEVEL })))
    this.#open = []
  }
}

/** A packed list that is sorted by id, of items that come nearly in that order. */
export class SortedList<T extends { readonly id: string }> {
  /** Each is sorted. */
  readonly #runs: { readonly items: PackedList<T>; last: string }[] = []

  push(item: T): void {
    const { id } = item
    const run = this.#runs.find(({ last }) => last <= id) ?? this.#added()
    run.items.push(item)
    run.last = id
  }

  list(): List<T> {
    const [first = new PackedList<T>(), ...others] = this.#runs.map(({ items }) => items)
    return others.reduce<List<T>>(mergedList, first)
  }

  #added() {
    const run = { items: new PackedList<T>(), last: '' }
    this.#runs.push(run)
    return run
  }
}

function mergedList<T extends { readonly id: string }>(a: List<T>, b: List<T>): List<T> {
  return {
    length: a.length + b.length,
    *[Symbol.iterator]() {
      const others = b[Symbol.iterator]()
      let other = others.next()
      for (const item of a) {
        for (; other.done !== true && other.value.id < item.id; other = others.next()) yield other.value
        yield item
      }
      for (; other.done !== true; other = others.next()) yield other.value
    },
  }
}
