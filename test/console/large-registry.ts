import { randomUUID } from 'node:crypto'
import { MODES } from '../../api/contract/mode.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { statusOf } from '../../api/http/error-table.ts'
import { createRegistry } from '../../api/registry/registry.ts'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import { createConsole } from '../../console/console.ts'

export const PROMPTS = 10_000
export const VERSIONS = 1000

export interface LargeConsole {
  /** The console for an admin who needs no token. */
  get(path: string): Promise<Response>
  /** Calls of the store since the last reset. */
  calls(): number
  reset(): void
  close(): void
}

/** The console of a registry in memory with 10,000 prompts, one of which has 1,000 versions. */
export async function largeConsole(): Promise<LargeConsole> {
  const store = openSqliteStore({ file: ':memory:' })
  let calls = 0
  const counted = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          calls++
          return value.apply(target, args)
        }
      },
    })
  const registry = createRegistry({
    prompts: counted(store.prompts),
    sources: counted(store.sources),
    sets: counted(store.sets),
    reads: counted(store.reads),
    settings: { allowedModes: MODES, deprecatedPins: 'serve', inputs: 'report' },
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const api = registry.as({ actor: 'ada', access: 'admin', sources: 'any' })
  await fill(api)
  const app = createConsole({
    authenticate: () => ({ api, actor: 'ada', access: 'admin' }),
    where: 'large',
    now: Date.now,
    newId: randomUUID,
    onError: (_message, error) => {
      throw error
    },
    classOfFinding: () => 'notice',
  })
  return {
    get: async (path) => await app.request(`http://localhost${path}`),
    calls: () => calls,
    reset: () => {
      calls = 0
    },
    close: () => store.close(),
  }
}

async function fill(api: RegistryApi): Promise<void> {
  for (let at = 0; at < PROMPTS; at += 100) {
    const ids = Array.from({ length: 100 }, (_, index) => `team-${(at + index) % 50}/prompt-${at + index}`)
    await api.batch({
      operations: ids.map((prompt_id) => ({
        op: 'push',
        ...{
          prompt_id,
          version: 'first',
          content: `You are ${prompt_id}.`,
          description: `Does ${prompt_id}`,
        },
      })),
    })
  }
  for (let version = 0; version < VERSIONS; version++) {
    await api.push({ prompt_id: 'many', content: `Version ${version}\nof many.` })
    if (version % 10 === 0) {
      const { versions } = await api.versions('many', { limit: 1 })
      const alias = `1.${version}.0`
      await api.promote('many', { version: versions[0]?.version ?? '', alias })
    }
  }
  await api.promote('team-1/prompt-1', { version: 'first', alias: '1.0.0' })
}
