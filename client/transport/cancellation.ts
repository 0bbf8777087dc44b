/**
 * An `AbortController` whose signal is made when somebody asks for it: most requests end without one, and making it
 * costs as much as sending the request.
 */
export class Cancellation {
  /** Stops the work that is under way: each step of a request has its own. */
  stop: (() => void) | undefined
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
    this.stop?.()
  }
}
