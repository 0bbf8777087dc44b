import { RegistryError } from '../../api/contract/errors.ts'
import type {
  RegistryApi,
  RollbackSourceAnswer,
  RollbackSourceRequest,
} from '../../api/contract/registry-api.ts'
import { withLease } from '../pass/lease.ts'
import { releaseAtTag } from '../pass/release-at-tag.ts'
import { settle } from '../pass/settle.ts'
import { runRound } from '../watch/run-round.ts'
import { repositoriesOf } from '../wiring/repositories.ts'
import { given } from './arguments.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { confirm } from './confirm.ts'
import { loadConfig, withRegistry } from './connection.ts'
import { wantsJson } from './context.ts'
import { type DryRunOptions, resultOf, useOf } from './dry-run.ts'
import type { CommonOptions } from './options.ts'
import { printJson, printLine, printNote } from './output.ts'
import { sourceRolledBack } from './sentences.ts'

export interface RollbackSourceOptions extends CommonOptions, DryRunOptions {
  readonly reason?: string
  readonly yes?: boolean
}

/** How long to wait for a pass that holds the lease, in milliseconds. */
const PATIENCE_MS = 30_000
const LEASE_SECONDS = 60

/** `promptctl rollback --source`: one request rolls the set back; then the prompts follow, under the source's lease. */
export async function rollBackSource(
  runtime: CliRuntime,
  source: string,
  to: string | undefined,
  options: RollbackSourceOptions,
): Promise<void> {
  const request = given({ to, reason: options.reason })
  await withRegistry(options, runtime, useOf(options), async (api) => {
    // Nothing that happens meanwhile is rolled back unseen.
    const { sequence } = await api.currentSet(source)
    const asked = { ...request, expected_sequence: sequence }
    const { preview, seen } = await previewed(runtime, api, source, asked, options)
    if (options.dryRun === true) return printAnswer(runtime, preview, options)
    if (preview.changed) await confirm(runtime, sourceRolledBack(preview, 'rolls back'), options)
    const answer = await api.rollbackSource(source, seen)
    const settling = answer.settling && !(await settlePrompts(runtime, api, source))
    printAnswer(runtime, { ...answer, settling }, options)
  })
}

/** The effect of the request. If the registry has no set of the tag, the request gets the versions of its tree. */
async function previewed(
  runtime: CliRuntime,
  api: RegistryApi,
  source: string,
  asked: RollbackSourceRequest,
  options: CommonOptions,
) {
  try {
    return { seen: asked, preview: await api.rollbackSource(source, { ...asked, dry_run: true }) }
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'no_set' || !mayBeTag(asked.to)) throw error
    const members = await membersAt(runtime, api, { source, tag: asked.to, options, missing: error })
    const seen = { ...asked, members }
    return { seen, preview: await api.rollbackSource(source, { ...seen, dry_run: true }) }
  }
}

function mayBeTag(name: string | undefined): name is string {
  return name !== undefined && !/^[0-9a-f]{8,64}$/.test(name)
}

interface TagOfSource {
  readonly source: string
  readonly tag: string
  readonly options: CommonOptions
  /** That the registry has no set of the tag. */
  readonly missing: RegistryError
}

/** The versions at a release tag, read from the repository of the source. */
async function membersAt(
  runtime: CliRuntime,
  api: RegistryApi,
  { source: name, tag, options, missing }: TagOfSource,
): Promise<Readonly<Record<string, string>>> {
  const { sources, cache } = await loadConfig(options, runtime)
  const source = sources.find((one) => one.name === name)
  if (source === undefined) {
    const next = `To make the set from the tree of the tag, run this command with a configuration that has the source "${name}".`
    throw new RegistryError('no_set', `${missing.message} ${next}`, { cause: missing })
  }
  printNote(runtime, `${name}: the registry has no set of ${tag}; reading the tag from the repository.`)
  const [repository] = repositoriesOf({ sources: [source], cache, api, runtime })
  if (repository === undefined) throw missing
  const [members = {}] = await runRound(repository.git, repository.members, (input) =>
    releaseAtTag(input, tag),
  )
  return members
}

/** Returns false if another writer holds the lease. Its pass, or the next one, then rolls the prompts back. */
async function settlePrompts(runtime: CliRuntime, api: RegistryApi, name: string): Promise<boolean> {
  const { hostname, instance, pause, signal } = runtime
  const source = { name }
  const lease = {
    ...{ api, source: name, holder: `${hostname}:${instance}:rollback`, pause, signal },
    ...{ ttlSeconds: LEASE_SECONDS, patienceMs: PATIENCE_MS },
  }
  try {
    await withLease(lease, (token, until) => settle({ api, source, token, signal: until }))
    return true
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'lease_held') throw error
    printNote(runtime, `${name}: another writer is at work; its prompts follow at the end of its pass.`)
    return false
  }
}

function printAnswer(
  runtime: CliRuntime,
  answer: RollbackSourceAnswer,
  options: RollbackSourceOptions,
): void {
  if (wantsJson(options)) {
    printJson(runtime, answer)
    return
  }
  // After a dry run nothing is left to a pass: without it, the command itself rolls the prompts back.
  const settling = answer.settling && options.dryRun !== true
  printLine(runtime, resultOf(sourceRolledBack({ ...answer, settling }, 'back'), options))
}
