import type { Command } from 'commander'
import { given, parseRevision } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import { holdAfter } from '../hold-after.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { promoted } from '../sentences.ts'

interface PromoteOptions extends CommonOptions, DryRunOptions {
  readonly alias?: string
  readonly reason?: string
  readonly expectedRevision?: number
  readonly override?: boolean
  readonly allowBreakingInputs?: boolean
}

export function promoteCommand({ runtime }: CliContext): Command {
  return newCommand('promote', 'Make a version stable', {
    group: 'change',
    examples: ['promote triage 7692c3ad3540 --alias 1.3.0', 'promote triage 1.2.0 --reason "better answers"'],
  })
    .argument('<id>', 'Prompt id')
    .argument('<version>', 'Label or alias')
    .option('--alias <release>', 'Release that names the version, such as 1.3.0')
    .option('--reason <text>', 'Reason to record in the events')
    .option(
      '--expected-revision <number>',
      'Fail if the prompt has changed since this revision',
      parseRevision,
    )
    .option('--override', 'As an admin, change a prompt that a source owns, and freeze it')
    .option('--allow-breaking-inputs', 'Promote although the release breaks callers')
    .option(...DRY_RUN)
    .action(async (id: string, version: string, options: PromoteOptions) => {
      const {
        alias,
        reason,
        expectedRevision: expected_revision,
        override,
        allowBreakingInputs: allow_breaking_inputs,
        dryRun: dry_run,
      } = options
      const request = {
        version,
        ...given({ alias, reason, expected_revision, override, allow_breaking_inputs, dry_run }),
      }
      await withRegistry(options, runtime, useOf(options), async (api) => {
        const answer = await api.promote(id, request)
        if (wantsJson(options)) return printJson(runtime, answer)
        printLine(runtime, resultOf(promoted(answer, alias, await holdAfter(api, id, options)), options))
      })
    })
}
