import type { Socket } from 'node:net'

interface OpenConnection {
  /** Requests that are not answered yet. */
  requests: number
  /** The sweep that cuts the connection off. */
  cutAt: number
  /** Ends a request that was answered. */
  readonly end: () => void
}

const NEVER = Number.POSITIVE_INFINITY
/** How long a request may live beyond its time. */
const LONGEST_SWEEP_MS = 1_000

/**
 * The connections of a server. Node's own timeouts end with the last byte of a request. This also cuts off
 * requests that are not answered, and responses that nobody reads. One timer serves all: a timer for each request took
 * 2 % of the processor time of a kept response.
 */
export class Connections {
  readonly #open = new Map<Socket, OpenConnection>()
  readonly #sweepMs: number
  /** How many sweeps a request lives: it has at least its time, and at most one sweep more. */
  readonly #lives: number
  readonly #emptied = Promise.withResolvers<void>()
  #sweeps = 0
  #timer: NodeJS.Timeout | undefined
  #closing = false

  /** Requests are cut off if they do not end within `requestWithinMs`. */
  constructor(requestWithinMs: number) {
    this.#sweepMs = Math.min(LONGEST_SWEEP_MS, requestWithinMs)
    this.#lives = Math.ceil(requestWithinMs / this.#sweepMs) + 1
  }

  add(socket: Socket): void {
    const connection: OpenConnection = {
      requests: 0,
      cutAt: NEVER,
      end: () => {
        connection.requests--
        if (connection.requests === 0) connection.cutAt = NEVER
        if (this.#closing) socket.destroySoon()
      },
    }
    this.#open.set(socket, connection)
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepMs)
    socket.once('close', () => this.#forget(socket))
    if (this.#closing) socket.destroy()
  }

  /** Starts a request. Returns what to call when its response has ended. */
  begin(socket: Socket): () => void {
    const connection = this.#open.get(socket)
    if (connection === undefined) return () => {}
    connection.requests++
    connection.cutAt = this.#sweeps + this.#lives
    return connection.end
  }

  /** Closes idle and silent connections at once, and all others after `ms`. Resolves when none are open. */
  async close(ms: number): Promise<void> {
    this.#closing = true
    for (const [socket, { requests }] of this.#open) if (requests === 0) socket.destroy()
    if (this.#open.size === 0) return
    const timer = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy()
    }, ms)
    await this.#emptied.promise
    clearTimeout(timer)
  }

  #sweep(): void {
    this.#sweeps++
    for (const [socket, { cutAt }] of this.#open) if (cutAt <= this.#sweeps) socket.destroy()
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket)
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    if (this.#closing) this.#emptied.resolve()
  }
}
