import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi, RollbackSourceAnswer } from '../../api/contract/registry-api.ts'
import { withLease } from '../pass/lease.ts'
import { settle } from '../pass/settle.ts'
import { given } from './arguments.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { confirm } from './confirm.ts'
import { withRegistry } from './connection.ts'
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
    const seen = { ...request, expected_sequence: sequence }
    const preview = await api.rollbackSource(source, { ...seen, dry_run: true })
    if (options.dryRun === true) return printAnswer(runtime, preview, options)
    if (preview.changed) await confirm(runtime, sourceRolledBack(preview, 'rolls back'), options)
    const answer = await api.rollbackSource(source, seen)
    const settling = answer.settling && !(await settlePrompts(runtime, api, source))
    printAnswer(runtime, { ...answer, settling }, options)
  })
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
  if (wantsJson(options)) printJson(runtime, answer)
  else printLine(runtime, resultOf(sourceRolledBack(answer, 'is back'), options))
}
