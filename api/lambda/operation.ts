import { routingPath } from '../http/paths.ts'
import { ROUTES } from '../http/routes/index.ts'

const OPERATIONS = ROUTES.map(({ method, path, operationId }) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  operationId,
}))

/** The first segments of all paths. */
export const ROOTS: ReadonlySet<string> = new Set(ROUTES.map(({ path }) => path.split('/')[1] ?? ''))

/** The `operationId` of a request's route in OpenAPI; `none` if no route matches. */
export function operationOf(request: { readonly method: string; readonly url: string }): string {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const path = routingPath(request)
  const found = OPERATIONS.find((one) => one.method === method && one.pattern.test(path))
  return found?.operationId ?? 'none'
}
