import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** A list that is read from the start each time. */
export interface List<T> extends Iterable<T> {
  readonly length: number
}

/** Items that are compressed together: large enough for what they share, small enough to be garbage soon. */
const PIECE = 64
/** 25 µs a kilobyte, in 24 KB of memory. Most of a change is hashes, which a higher level makes no smaller. */
const DEFLATE = { level: 1, windowBits: 12, memLevel: 4 }

/**
 * Pieces that are kept as they are for the next reads, which are often near the last ones: a pass reads each slice of a
 * thousand prompts several times, which are 16 pieces. With 8 an import took 6 % more memory.
 */
const UNPACKED = 24

/**
 * A list of JSON values for each prompt of a source. All but the last few are kept as compressed JSON outside of the
 * heap: a change with three hashes takes 150 bytes instead of 700. Each read makes items anew, so they have no identity.
 */
export class PackedList<T> implements List<T> {
  readonly #pieces: Uint8Array[] = []
  #open: T[] = []
  /** By the number of the piece, the last one that was read last. */
  readonly #unpacked = new Map<number, readonly T[]>()

  get length(): number {
    return this.#pieces.length * PIECE + this.#open.length
  }

  push(...items: readonly T[]): void {
    for (const item of items) {
      this.#open.push(item)
      if (this.#open.length === PIECE) this.#pack()
    }
  }

  at(index: number): T | undefined {
    const number = Math.floor(index / PIECE)
    const piece = this.#pieces[number]
    if (piece === undefined) return this.#open[index % PIECE]
    const items = this.#unpacked.get(number) ?? unpack<T>(piece)
    this.#unpacked.delete(number)
    this.#unpacked.set(number, items)
    const [oldest] = this.#unpacked.keys()
    if (this.#unpacked.size > UNPACKED && oldest !== undefined) this.#unpacked.delete(oldest)
    return items[index % PIECE]
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (const piece of this.#pieces) yield* unpack<T>(piece)
    yield* this.#open
  }

  #pack(): void {
    // A copy, because the result may be part of a larger buffer.
    this.#pieces.push(new Uint8Array(deflateRawSync(JSON.stringify(this.#open), DEFLATE)))
    this.#open = []
  }
}

function unpack<T>(piece: Uint8Array): T[] {
  return JSON.parse(inflateRawSync(piece).toString())
}

/** Packed values by key. */
export class PackedMap<V> {
  readonly #places = new Map<string, number>()
  readonly #values = new PackedList<V>()

  has(key: string): boolean {
    return this.#places.has(key)
  }

  get(key: string): V | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#values.at(place)
  }

  /** A key keeps its first value. */
  add(key: string, value: V): void {
    if (this.#places.has(key)) return
    this.#places.set(key, this.#values.length)
    this.#values.push(value)
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
