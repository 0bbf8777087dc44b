import type { KeyObject } from 'node:crypto'
import { keySigner } from '../../api/contract/attestation/signer.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import { MODES } from '../../api/contract/mode.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { statusOf } from '../../api/http/error-table.ts'
import type { Caller } from '../../api/registry/caller.ts'
import type { RegistrySettings } from '../../api/registry/context.ts'
import { createRegistry, type Registry } from '../../api/registry/registry.ts'
import type { PromptStore } from '../../api/store/prompt-store.ts'
import type { ReadStore } from '../../api/store/read-store.ts'
import type { SetStore } from '../../api/store/set-store.ts'
import type { SourceStore } from '../../api/store/source-store.ts'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'

export interface TestRegistryOptions {
  /** A path. Default: in memory. */
  readonly file?: string
  readonly settings?: Partial<RegistrySettings>
  readonly emergencyKey?: KeyObject
  /** Default: true. */
  readonly takesEvidence?: boolean
  /** Wraps the store, to watch or delay calls. */
  readonly between?: (prompts: PromptStore) => PromptStore
  /** The prefix of event ids. Two registries on one file need different ones. */
  readonly name?: string
}

export interface TestRegistry {
  readonly registry: Registry
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  readonly reads: ReadStore
  /** An admin. */
  readonly admin: RegistryApi
  /** May write for any source, but is not an admin. */
  readonly writer: RegistryApi
  as(caller: Partial<Caller>): RegistryApi
  /** The registry's clock, which moves only when set. */
  readonly clock: { now: number }
  close(): void
}

/** The real registry on a real SQLite store, with a clock that the test controls and sequential ids. */
export function makeRegistry(options: TestRegistryOptions = {}): TestRegistry {
  const clock = { now: Date.parse('2026-01-31T12:00:00.000Z') }
  const store = openSqliteStore({ file: options.file ?? ':memory:' })
  const prompts = options.between?.(store.prompts) ?? store.prompts
  let ids = 0
  const registry = createRegistry({
    prompts,
    sources: store.sources,
    sets: store.sets,
    evidence: options.takesEvidence === false ? undefined : store.evidence,
    reads: store.reads,
    settings: { allowedModes: MODES, deprecatedPins: 'serve', inputs: 'report', ...options.settings },
    emergencySigner: options.emergencyKey && keySigner(options.emergencyKey),
    now: () => clock.now,
    random: () => 0.5,
    newId: () => `${options.name ?? 'event'}-${++ids}`,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const as = (caller: Partial<Caller>) =>
    registry.as({ actor: 'tester', access: 'write', sources: 'any', ...caller })
  return {
    registry,
    prompts,
    sources: store.sources,
    sets: store.sets,
    reads: store.reads,
    admin: as({ actor: 'ada', access: 'admin' }),
    writer: as({ actor: 'will' }),
    as,
    clock,
    close: store.close,
  }
}

/** The error code of a refusal; `done` if there is none. Rethrows other errors. */
export async function outcome(running: Promise<unknown>): Promise<string> {
  try {
    await running
    return 'done'
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

/** Pushes new content like a source, and returns its label. */
export async function pushText(
  api: RegistryApi,
  id: string,
  content: string,
  source?: string,
): Promise<string> {
  const origin = source === undefined ? {} : { origin: { source } }
  return (await api.push({ prompt_id: id, content, ...origin })).version
}

/** Pushes content and promotes it under its release, like a source at a release tag. */
export async function release(
  api: RegistryApi,
  id: string,
  version: string,
  content = `text of ${version}`,
  source = 'git',
): Promise<string> {
  const label = await pushText(api, id, content, source)
  await api.promote(id, { version: label, alias: version, source })
  return label
}

/** The content that a reader gets, or the error code. */
export async function read(api: RegistryApi, reference: string, mode = 'production'): Promise<string> {
  try {
    return (await api.resolve(reference, { mode })).content
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}
