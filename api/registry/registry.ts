import type { RegistryApi } from '../contract/registry-api.ts'
import type { Caller } from './caller.ts'

/** The operations, bound to whoever calls them. */
export interface Registry {
  as(caller: Caller): RegistryApi
}
