import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { EmbeddedRegistry } from '../../api/server.ts'

/** The registry on behalf of an admin, in this process and without deadlines. */
export function adminApi(registry: EmbeddedRegistry): RegistryApi {
  return registry.apiFor({ actor: 'admin', access: 'admin', sources: 'any' }, (work) => work())
}
