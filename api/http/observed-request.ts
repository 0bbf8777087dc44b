/** A finished request. */
export interface ObservedRequest {
  /** The method of the route, in upper case; `other` for a request without a route. */
  readonly method: string
  /** The path in OpenAPI notation, such as `/prompts/{id}`, so that there are few; `none` for a request without a route. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Measures requests. */
export interface RequestMeter {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly observe: (request: ObservedRequest) => void
}
