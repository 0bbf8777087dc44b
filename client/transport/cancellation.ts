/**
 * An `AbortController` whose signal is made when somebody asks for it: most requests end without one, and making it
 * costs as much as sending the request.
 */
export class Cancellation {
  readonly #listeners = new Set<() => void>()
  #controller: AbortController | undefined
  #cancelled: { readonly reason: unknown } | undefined

  get isCancelled(): boolean {
    return this.#cancelled !== undefined
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason)
    return this.#controller.signal
  }

  cancel(reason: unknown): void {
    if (this.#cancelled !== undefined) return
    this.#cancelled = { reason }
    this.#controller?.abort(reason)
    for (const listener of this.#listeners) listener()
  }

  /** Returns what removes the listener. */
  onCancel(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
