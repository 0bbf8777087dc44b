import { joined } from './joined.ts'

/** Collects the chunks of an answer, up to the limit of its size. */
export class AnswerBody {
  readonly #maxBytes: number
  readonly #chunks: Uint8Array[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** False if the answer is now longer than the limit. */
  add(chunk: Uint8Array): boolean {
    this.#size += chunk.byteLength
    if (this.#size > this.#maxBytes) return false
    this.#chunks.push(chunk)
    return true
  }

  get bytes(): Uint8Array {
    const [first] = this.#chunks
    return this.#chunks.length === 1 && first !== undefined ? first : joined(this.#chunks, this.#size)
  }
}
