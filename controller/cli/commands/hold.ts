import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { held } from '../sentences.ts'

interface HoldOptions extends CommonOptions, DryRunOptions {
  readonly reason?: string
}

export function holdCommand({ runtime }: CliContext): Command {
  return newCommand('hold', 'Freeze a prompt: releases wait until unhold', {
    group: 'change',
    examples: ['hold triage --reason "audit until Friday"'],
  })
    .argument('<id>', 'Prompt id')
    .option('--reason <text>', 'Reason to record in the events and show with the hold')
    .option(...DRY_RUN)
    .action(async (id: string, options: HoldOptions) => {
      const request = given({ reason: options.reason, dry_run: options.dryRun })
      const answer = await withRegistry(options, runtime, useOf(options), (api) => api.hold(id, request))
      if (wantsJson(options)) printJson(runtime, answer)
      else printLine(runtime, resultOf(held(answer), options))
    })
}
