/** The parts of a request that the registry reads. A `Request` is one; Lambda has its own, so that it does not load `fetch`. */
export interface IncomingRequest {
  readonly method: string
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'>
  /** null: no body. */
  readonly body: AsyncIterable<Uint8Array> | null
  arrayBuffer(): Promise<ArrayBuffer>
}

/** A request whose route is known. A Hono request is one. */
export interface RoutedRequest {
  readonly method: string
  readonly url: string
  /** As `routingPath` returns it. */
  readonly path: string
  readonly raw: IncomingRequest
  /** The decoded parameters of the path. */
  param(): Record<string, string>
  /** The decoded values of each query parameter. */
  queries(): Record<string, string[]>
}
