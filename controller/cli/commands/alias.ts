import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import { holdAfter } from '../hold-after.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { aliased } from '../sentences.ts'

interface AliasOptions extends CommonOptions, DryRunOptions {
  readonly reason?: string
  readonly override?: boolean
}

export function aliasCommand({ runtime }: CliContext): Command {
  return newCommand('alias', 'Add a name to a version without promoting it', {
    group: 'change',
    examples: ['alias triage 1.2.0 f4eb4369be2b'],
    notes: 'A name never moves to another version.',
  })
    .argument('<id>', 'Prompt id')
    .argument('<alias>', 'Name to add')
    .argument('<version>', 'Label or alias of the version')
    .option('--reason <text>', 'Reason to record in the events')
    .option('--override', 'As an admin, change a prompt that a source owns, and freeze it')
    .option(...DRY_RUN)
    .action(async (id: string, alias: string, version: string, options: AliasOptions) => {
      const { reason, override, dryRun: dry_run } = options
      const request = { alias, version, ...given({ reason, override, dry_run }) }
      await withRegistry(options, runtime, useOf(options), async (api) => {
        const answer = await api.addAlias(id, request)
        if (wantsJson(options)) return printJson(runtime, answer)
        printLine(runtime, resultOf(aliased(answer, await holdAfter(api, id, options)), options))
      })
    })
}
