import { MODES } from '../../../api/contract/mode.ts'
import { statusOf } from '../../../api/http/error-table.ts'
import { createRegistry, type Registry } from '../../../api/registry/registry.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import type { ReadStore } from '../../../api/store/read-store.ts'
import type { SetStore } from '../../../api/store/set-store.ts'
import type { SourceStore } from '../../../api/store/source-store.ts'

export interface Stores {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  readonly reads: ReadStore
}

let processes = 0

/** A registry like a separate process on the same stores: it shares no cache with others. */
export function registryOn(stores: Stores, clock: { readonly now: number }): Registry {
  const name = `process-${++processes}`
  let ids = 0
  return createRegistry({
    ...stores,
    settings: { allowedModes: MODES, deprecatedPins: 'serve', inputs: 'report' },
    now: () => clock.now,
    random: () => 0.5,
    newId: () => `${name}-${++ids}`,
    statusOf: (code) => statusOf(code, 'write'),
  })
}
