/** Runs the answer of a request from outside in a span. `route` is in OpenAPI notation; `null` without a route. */
export type RequestTracer = (
  request: Request,
  route: string | null,
  answer: () => Promise<Response>,
) => Promise<Response>
