import type { RegistryApi } from '../api/contract/registry-api.ts'

/** The person at the console, as the registry knows them. */
export interface Viewer {
  /** Reads and writes as this person. The same object for the same credentials, so that answers can be kept. */
  readonly api: RegistryApi
  /** `null` if only the registry knows. */
  readonly actor: string | null
  /** The actions to offer. The registry checks each action itself. `null` if only the registry knows. */
  readonly access: 'read' | 'write' | 'admin' | null
}

export function mayWrite({ access }: Viewer): boolean {
  return access !== 'read'
}

/** Whether to offer the promotion of a prompt that this source owns. */
export function mayPromote({ access }: Viewer, source: string | null): boolean {
  return access === 'write' ? source === null : access !== 'read'
}
