import type { Command } from 'commander'
import type { OwnerAnswer, OwnerRequest, RegistryApi } from '../../../api/contract/registry-api.ts'
import { given } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { readPages } from '../paging.ts'
import { transferred } from '../sentences.ts'

interface TransferOptions extends CommonOptions, DryRunOptions {
  readonly prefix?: string
  readonly toNone?: boolean
  readonly create?: boolean
  readonly reason?: string
}

export function transferCommand({ runtime }: CliContext): Command {
  return newCommand('transfer', 'As an admin, transfer a prompt to another source', {
    group: 'change',
    examples: ['transfer triage support', 'transfer --prefix support/ support', 'transfer triage --to-none'],
    notes:
      'Only the owner can push, name and promote. The next source to push a prompt without an owner takes it.',
  })
    .argument('[id]', 'Prompt id (not with --prefix)')
    .argument('[source]', 'Source that becomes the owner')
    .option('--prefix <prefix>', 'Transfer every prompt whose id starts with this')
    .option('--to-none', 'Leave the prompt without an owner')
    .option('--create', 'Allow a source that the registry does not know yet')
    .option('--reason <text>', 'Reason to record in the events')
    .option(...DRY_RUN)
    .action(async (first: string | undefined, second: string | undefined, options: TransferOptions) => {
      const { prefix } = options
      const names = [first, second].filter((name) => name !== undefined)
      const id = prefix === undefined ? names.shift() : undefined
      if (id === undefined && (prefix === undefined || prefix === ''))
        throw new UsageError('Name a prompt, or use --prefix for several.')
      if (names.length > 1) throw new UsageError('With --prefix, name only the new source.')
      const [source] = names
      if ((source === undefined) !== (options.toNone === true))
        throw new UsageError('Use either the name of the new source or --to-none.')
      const { create, reason, dryRun: dry_run } = options
      const request = { source: source ?? null, ...given({ create, reason, dry_run }) }
      await withRegistry(options, runtime, useOf(options), (api) =>
        id === undefined
          ? transferMany(api, prefix ?? '', request, options, runtime)
          : transferOne(api, id, request, options, runtime),
      )
    })
}

async function transferOne(
  api: RegistryApi,
  id: string,
  request: OwnerRequest,
  options: TransferOptions,
  runtime: CliRuntime,
): Promise<void> {
  const answer = await api.transfer(id, request)
  if (wantsJson(options)) printJson(runtime, answer)
  else printLine(runtime, resultOf(transferred(answer), options))
}

/** Prints each result at once, so that a failed run shows its progress. A repeated run continues. */
async function transferMany(
  api: RegistryApi,
  prefix: string,
  request: OwnerRequest,
  options: TransferOptions,
  runtime: CliRuntime,
): Promise<void> {
  const { prompts } = await readPages('prompts', {}, (page) => api.list({ prefix, ...page }))
  if (prompts.length === 0) throw new UsageError(`No prompt id starts with "${prefix}".`)
  const answers: OwnerAnswer[] = []
  for (const { prompt_id } of prompts) {
    const answer = await api.transfer(prompt_id, request)
    answers.push(answer)
    if (!wantsJson(options)) printLine(runtime, resultOf(transferred(answer), options))
  }
  if (wantsJson(options)) printJson(runtime, { prompts: answers })
}
