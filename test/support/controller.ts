import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { allPages } from '../../client/pages.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { apiOf } from '../../controller/cli/embedded.ts'
import { parseConfig, type SourceConfig } from '../../controller/configuration/config.ts'
import type { PassInput } from '../../controller/pass/pass-input.ts'
import { preview } from '../../controller/pass/preview.ts'
import { runPass } from '../../controller/pass/run-pass.ts'
import type { Plan } from '../../controller/plan/plan.ts'
import { createGitSource } from '../../controller/source/git/index.ts'
import type { GitSource } from '../../controller/source/git-source.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import { compileGlob } from '../../controller/values/glob.ts'

/** Calls of the registry, as `METHOD /path`, and listings of the repository. */
export interface Traffic {
  readonly requests: string[]
  listings: number
  opened: number
}

export interface TestController {
  readonly api: RegistryApi
  readonly source: SourceConfig
  readonly git: GitSource
  readonly traffic: Traffic
  sync(options?: Partial<PassInput>): Promise<PassReport>
  plan(options?: Partial<PassInput>): Promise<Plan>
  /** Every prompt's row, by id. */
  rows(): ReturnType<typeof rowsOf>
  close(): void
}

export interface TestControllerOptions {
  /** Contains the registry's file and the repository cache. Two controllers may share it. */
  readonly folder: string
  readonly repository: string
  /** YAML keys of the source besides name and repository. */
  readonly source?: Readonly<Record<string, unknown>>
  readonly now?: () => number
  /** A cache other than the folder's own. */
  readonly cache?: string
}

/** A real registry on SQLite and a real git source, wired like `promptctl`. */
export function makeController(options: TestControllerOptions): TestController {
  const { folder, repository, now = Date.now, cache = 'cache' } = options
  const registry = openEmbeddedRegistry({
    file: join(folder, 'registry.db'),
    log: { error: (message, facts) => console.error(message, facts) },
  })
  const traffic: Traffic = { requests: [], listings: 0, opened: 0 }
  const api = noted(apiOf(registry, 'controller'), traffic.requests)
  const source = sourceConfig({ name: 'demo', repository, ...options.source })
  const git = counted(
    createGitSource({
      repository,
      branch: source.branch,
      ...(source.releaseBranches.length > 0 && {
        isReleaseBranch: (name) => source.releaseBranches.some((pattern) => compileGlob(pattern)(name)),
      }),
      evidence: source.require.length > 0,
      cacheDir: join(folder, cache),
      env: process.env,
    }),
    traffic,
  )
  const input: PassInput = {
    source,
    git,
    api,
    holder: `test:${cache}`,
    repository,
    now,
    random: () => 0.5,
    pause: wait,
  }
  const close = once(() => registry.close())
  onTestFinished(close)
  return {
    api,
    source,
    git,
    traffic,
    sync: (more) => runPass({ ...input, ...more }),
    plan: async (more) => (await preview({ ...input, ...more })).plan,
    rows: () => rowsOf(api),
    close,
  }
}

export function sourceConfig(source: Readonly<Record<string, unknown>>): SourceConfig {
  const [parsed] = parseConfig(JSON.stringify({ sources: [source] }), 'test').sources
  if (parsed === undefined) throw new Error('no source')
  return parsed
}

async function rowsOf(api: RegistryApi) {
  const rows = await Array.fromAsync(
    allPages(
      (page) => api.list({ limit: 1000, ...page }),
      (answer) => answer.prompts,
    ),
  )
  return new Map(rows.map((row) => [row.prompt_id, row]))
}

/** The API, which notes the request that each call would be over HTTP. */
function noted(api: RegistryApi, requests: string[]): RegistryApi {
  const note: Record<string, (...values: unknown[]) => Promise<unknown>> = createRegistryApi({
    async send({ method, path }) {
      requests.push(`${method} ${path}`)
      return { status: 200, headers: {}, body: {} }
    },
  }) as never
  const calls = Object.entries(api).map(([name, call]: [string, (...values: unknown[]) => unknown]) => [
    name,
    (...values: unknown[]) => {
      void note[name]?.(...values).catch(() => undefined)
      return call(...values)
    },
  ])
  return Object.fromEntries(calls)
}

function counted(git: GitSource, traffic: Traffic): GitSource {
  return {
    listRefs(signal) {
      traffic.listings++
      return git.listRefs(signal)
    },
    open(listing, signal) {
      traffic.opened++
      return git.open(listing, signal)
    },
  }
}

async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await pause(ms, undefined, signal === undefined ? {} : { signal })
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
