import type { Caller } from '../registry/caller.ts'

/** A symbol of this module, so no request from outside can have this property. */
const CALLER = Symbol('caller')

/**
 * The `env` for in-process calls of `app.fetch(request, env)` as `caller`. It replaces credentials, so never use
 * it for requests from outside.
 */
export function actingAs(caller: Caller): object {
  return { [CALLER]: caller }
}

export function callerIn(env: unknown): Caller | undefined {
  if (typeof env !== 'object' || env === null) return undefined
  return (env as { readonly [CALLER]?: Caller })[CALLER]
}
