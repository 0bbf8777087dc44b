import type { Command } from 'commander'
import { LIMITS } from '../../../api/contract/limits.ts'
import { sourceInUse } from '../../../api/contract/prompt-use.ts'
import type { ForgetAnswer, ForgetRequest, RegistryApi } from '../../../api/contract/registry-api.ts'
import { readUse } from '../../pass/read-use.ts'
import { given } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { confirm } from '../confirm.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { readPages } from '../paging.ts'

interface ForgetOptions extends CommonOptions, DryRunOptions {
  readonly delete?: boolean
  readonly confirm?: boolean
  readonly reason?: string
  readonly yes?: boolean
}

const FORGET_NOTES = `By default, the source's prompts are archived, and agents still get them. With --delete they are
deleted and answer "gone". Nothing is deleted if one of them was read in the last 7 days, unless you add --confirm.
The registry still remembers their revocations, holds and releases. First remove the source from the configuration,
or its next pass brings the prompts back.`

export function forgetCommand({ runtime }: CliContext): Command {
  return newCommand('forget', 'Forget a source: archive or delete its prompts', {
    group: 'change',
    examples: ['sources forget support', 'sources forget support --delete --reason "moved to billing"'],
    notes: FORGET_NOTES,
  })
    .argument('<name>', 'Name of the source')
    .option('--delete', 'Delete the prompts (irreversible)')
    .option('--confirm', 'Delete the prompts even if somebody reads them')
    .option('--reason <text>', 'Reason to record in the events')
    .option('--yes', 'Skip the question on a terminal')
    .option(...DRY_RUN)
    .action(async (name: string, options: ForgetOptions) => {
      const { delete: deletes = false, confirm: confirmed, reason } = options
      const request = { delete: deletes, ...given({ confirm: confirmed, reason }) }
      const answer = await withRegistry(options, runtime, useOf(options), async (api) => {
        if (deletes && confirmed !== true) await refuseInUse(api, name, runtime)
        if (options.dryRun === true) return await preview(api, name, request)
        if (deletes) await confirm(runtime, `This deletes every prompt of the source "${name}".`, options)
        return await forgetAll(api, name, request, runtime)
      })
      if (wantsJson(options)) printJson(runtime, answer)
      else printForgotten(answer, options, runtime)
    })
}

/** Looks at all prompts before the first request, each of which deletes some. */
async function refuseInUse(api: RegistryApi, source: string, { signal }: CliRuntime): Promise<void> {
  const { prompts } = await readPages('prompts', {}, (page) => api.list({ source, ...page }))
  const ids = prompts.map(({ prompt_id }) => prompt_id)
  const used = await readUse({ api, signal }, ids)
  if (used.size > 0) throw sourceInUse(source, used)
}

/** One request is enough, because each of a dry run begins with the first prompt. */
async function preview(api: RegistryApi, name: string, { reason: _, ...request }: ForgetRequest) {
  return await api.forget(name, { ...request, limit: LIMITS.page, dry_run: true })
}

/** Each request forgets some prompts, until none are left. */
async function forgetAll(
  api: RegistryApi,
  name: string,
  request: ForgetRequest,
  { stderr }: CliRuntime,
): Promise<ForgetAnswer> {
  const prompts: string[] = []
  for (;;) {
    const answer = await api.forget(name, request)
    prompts.push(...answer.prompts)
    if (!answer.remaining) return { ...answer, prompts }
    stderr.write(`${name}: ${prompts.length} prompts so far\n`)
  }
}

function printForgotten(answer: ForgetAnswer, options: ForgetOptions, runtime: CliRuntime): void {
  const { name, prompts, remaining } = answer
  const count = prompts.length === 1 ? '1 prompt' : `${prompts.length} prompts`
  const done = options.delete === true ? 'deleted' : 'archived'
  printLine(runtime, resultOf(`${name}: ${remaining ? `more than ${count}` : count} ${done}.`, options))
  if (options.dryRun === true) for (const id of prompts) printLine(runtime, `  ${id}`)
}
