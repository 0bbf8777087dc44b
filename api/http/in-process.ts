import type { Caller } from '../registry/caller.ts'

/** A symbol of this module: nothing that came over a wire can have a property of that name. */
const CALLER = Symbol('caller')

/**
 * The `env` with which a part of this very process calls `app.fetch(request, env)` as `caller`. It stands in for
 * credentials, so keep it away from requests of others.
 */
export function actingAs(caller: Caller): object {
  return { [CALLER]: caller }
}

export function callerIn(env: unknown): Caller | undefined {
  if (typeof env !== 'object' || env === null) return undefined
  return (env as { readonly [CALLER]?: Caller })[CALLER]
}
