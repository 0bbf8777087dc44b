import type { Socket } from 'node:net'

/**
 * The connections of a server. Node's own timeouts end with the last byte of a request. This also cuts off
 * requests that are not answered, and responses that nobody reads.
 */
export class Connections {
  /** The current request of each connection, with its deadline. */
  readonly #open = new Map<Socket, NodeJS.Timeout | undefined>()
  #closing = false
  readonly #emptied = Promise.withResolvers<void>()

  add(socket: Socket): void {
    this.#open.set(socket, undefined)
    socket.once('close', () => {
      clearTimeout(this.#open.get(socket))
      this.#open.delete(socket)
      if (this.#closing && this.#open.size === 0) this.#emptied.resolve()
    })
    if (this.#closing) socket.destroy()
  }

  /** Starts a request. It is cut off if it does not end within `ms`. */
  begin(socket: Socket, ms: number): void {
    clearTimeout(this.#open.get(socket))
    this.#open.set(
      socket,
      setTimeout(() => socket.destroy(), ms),
    )
  }

  /** Ends a request that was answered. */
  end(socket: Socket): void {
    clearTimeout(this.#open.get(socket))
    if (this.#open.has(socket)) this.#open.set(socket, undefined)
    if (this.#closing) socket.destroySoon()
  }

  /** Closes idle and silent connections at once, and all others after `ms`. Resolves when none are open. */
  async close(ms: number): Promise<void> {
    this.#closing = true
    for (const [socket, request] of this.#open) if (request === undefined) socket.destroy()
    if (this.#open.size === 0) return
    const timer = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy()
    }, ms)
    await this.#emptied.promise
    clearTimeout(timer)
  }
}
