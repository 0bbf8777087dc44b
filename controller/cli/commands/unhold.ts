import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { unheld } from '../sentences.ts'

interface UnholdOptions extends CommonOptions, DryRunOptions {
  readonly reason?: string
}

export function unholdCommand({ runtime }: CliContext): Command {
  return newCommand('unhold', 'Lift the hold of a prompt (a freeze or a rollback)', {
    group: 'change',
    examples: ['unhold triage'],
  })
    .argument('<id>', 'Prompt id')
    .option('--reason <text>', 'Reason to record in the events')
    .option(...DRY_RUN)
    .action(async (id: string, options: UnholdOptions) => {
      const request = given({ reason: options.reason, dry_run: options.dryRun })
      const answer = await withRegistry(options, runtime, useOf(options), (api) => api.unhold(id, request))
      if (wantsJson(options)) printJson(runtime, answer)
      else printLine(runtime, resultOf(unheld(answer), options))
    })
}
