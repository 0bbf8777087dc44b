import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import type { StoreHarness } from '../contract/prompt-store/harness.ts'

/** The SQLite adapter for the cases of the contract, with a new file each time. */
export function sqliteFileHarness(): StoreHarness {
  return {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'registry-'))
      const opened = [openSqliteStore({ file: join(folder, 'registry.db') })]
      const [{ prompts, sources, sets, reads, evidence }] = opened as [ReturnType<typeof openSqliteStore>]
      return {
        prompts,
        sources,
        sets,
        reads,
        evidence,
        async reopen() {
          const again = openSqliteStore({ file: join(folder, 'registry.db') })
          opened.push(again)
          return again
        },
        async close() {
          for (const store of opened) store.close()
          await rm(folder, { recursive: true, force: true })
        },
      }
    },
    unreachable: async () => closedStore(),
  }
}

/** The same in memory, which cannot be reopened. */
export function sqliteMemoryHarness(): StoreHarness {
  return {
    async open() {
      const { prompts, sources, sets, reads, evidence, close } = openSqliteStore({ file: ':memory:' })
      return { prompts, sources, sets, reads, evidence, close: async () => close() }
    },
    unreachable: async () => closedStore(),
  }
}

function closedStore() {
  const { prompts, sources, sets, reads, evidence, close } = openSqliteStore({ file: ':memory:' })
  close()
  return { prompts, sources, sets, reads, evidence, close: async () => undefined }
}
