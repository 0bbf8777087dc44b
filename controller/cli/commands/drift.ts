import type { Command } from 'commander'
import { LIMITS } from '../../../api/contract/limits.ts'
import { allPages } from '../../../client/pages.ts'
import { type NewestRelease, newestReleases } from '../../pass/newest-releases.ts'
import { repositoriesOf } from '../../wiring/repositories.ts'
import { NONE } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import {
  compareRegistries,
  type PromptDrift,
  type RegistryPrompts,
  type ServedPrompt,
} from '../drift/compare-registries.ts'
import { eachSource, printFailure, type SourceFailure } from '../each-source.ts'
import {
  ENVIRONMENT_NOTES,
  type EnvironmentOptions,
  type NamedRegistry,
  withEnvironmentOptions,
  withEnvironments,
} from '../environments.ts'
import { printJson, printNote } from '../output.ts'
import { printTable } from '../table.ts'

interface DriftOptions extends EnvironmentOptions {
  readonly detailedExitcode?: boolean
}

const NOTES = `Compares the newest release of each prompt in the repositories of the configured sources with what this registry and
others serve, by identity: the hash of the file. Changes nothing.

${ENVIRONMENT_NOTES}

Exit codes: 0 if everything was compared, 1 on errors. With --detailed-exitcode: 0 if nothing differs, 2 if something
differs, 1 on errors.`

export function driftCommand({ runtime, exit }: CliContext): Command {
  const command = newCommand('drift', 'Compare git, this registry and others', {
    group: 'run',
    examples: [
      'drift',
      'drift --name production --with staging=https://prompts.example.com --detailed-exitcode',
    ],
    notes: NOTES,
  }).option('--detailed-exitcode', 'Exit with 2 if something differs')
  return withEnvironmentOptions(command).action(async (options: DriftOptions) => {
    const compared = await withEnvironments(options, runtime, (environments) =>
      compare(environments, options, runtime),
    )
    print(runtime, compared, options)
    const differs = compared.prompts.some((prompt) => prompt.differs.length > 0)
    if (compared.errors.length > 0) exit(1)
    else if (options.detailedExitcode === true && differs) exit(2)
  })
}

interface DriftReport {
  readonly registries: readonly string[]
  readonly prompts: readonly PromptDrift[]
  readonly errors: readonly SourceFailure[]
}

async function compare(
  environments: readonly [NamedRegistry, ...NamedRegistry[]],
  options: DriftOptions,
  runtime: CliRuntime,
): Promise<DriftReport> {
  const { sources, cache } = await loadConfig(options, runtime)
  if (sources.length === 0 && environments.length === 1)
    throw new UsageError(
      'There is nothing to compare. Configure sources in promptctl.yaml, or name another registry with --with.',
    )
  const [{ api }] = environments
  const repositories = repositoriesOf({ sources, cache, api, runtime })
  const { made, failed } = await eachSource(runtime, repositories, newestReleases)
  const git = new Map<string, NewestRelease>(made.flatMap((releases) => [...releases]))
  const registries = await Promise.all(environments.map(promptsOf))
  return {
    registries: environments.map(({ name }) => name),
    prompts: compareRegistries(git, registries),
    errors: failed,
  }
}

async function promptsOf({ name, api }: NamedRegistry): Promise<RegistryPrompts> {
  const rows = allPages(
    (page) => api.list({ limit: LIMITS.page, ...page }),
    ({ prompts }) => prompts,
  )
  return { name, rows: await Array.fromAsync(rows) }
}

function print(runtime: CliRuntime, compared: DriftReport, options: DriftOptions): void {
  const { registries, prompts, errors } = compared
  const differing = prompts.filter(({ differs }) => differs.length > 0)
  if (wantsJson(options))
    return void printJson(runtime, { registries, compared: prompts.length, prompts: differing, errors })
  for (const failure of errors) printFailure(runtime, failure)
  if (differing.length > 0)
    printTable(runtime, ['prompt', 'git', ...registries, 'why'], differing.map(cellsOf))
  printNote(runtime, `${prompts.length} prompts compared; ${differing.length || 'none'} differ.`)
}

function cellsOf({ prompt_id, git, registries, differs }: PromptDrift): string[] {
  const wanted = git === null ? NONE : git.identity === null ? `retired by ${git.release}` : git.release
  const why = differs.map((name) => `${name}: ${reasonOf(registries[name])}`)
  return [prompt_id, wanted, ...Object.values(registries).map(nameOf), why.join(', ')]
}

function nameOf({ release, version, state }: ServedPrompt): string {
  return release ?? version ?? (state === 'missing' ? 'missing' : 'none')
}

function reasonOf(served: ServedPrompt | undefined): string {
  return served === undefined || served.state === 'released' ? 'another release' : served.state
}
