import { type Command, Option } from 'commander'
import type { RollbackRequest } from '../../../api/contract/registry-api.ts'
import { given, parseRevision } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { rolledBack } from '../sentences.ts'

interface RollbackOptions extends CommonOptions, DryRunOptions {
  readonly reason?: string
  readonly hold: NonNullable<RollbackRequest['hold']>
  readonly expectedRevision?: number
}

const NOTES = `Without a version, goes back to the version that was stable before the last promotion. The hold keeps the
content from coming back: until a release with different content (until_release), until "promptctl unhold"
(until_lifted), or not at all (none).`

export function rollbackCommand({ runtime }: CliContext): Command {
  return newCommand('rollback', 'Roll back to an earlier release', {
    group: 'change',
    examples: ['rollback triage --reason "too chatty"', 'rollback triage 1.2.0 --hold until_lifted'],
    notes: NOTES,
  })
    .argument('<id>', 'Prompt id')
    .argument('[version]', 'Label or alias of a released version')
    .option('--reason <text>', 'Reason to record in the events')
    .addOption(
      new Option('--hold <kind>', 'How long to hold releases')
        .choices(['until_release', 'until_lifted', 'none'])
        .default('until_release'),
    )
    .option(
      '--expected-revision <number>',
      'Fail if the prompt has changed since this revision',
      parseRevision,
    )
    .option(...DRY_RUN)
    .action(async (id: string, version: string | undefined, options: RollbackOptions) => {
      const { hold, reason, expectedRevision: expected_revision, dryRun: dry_run } = options
      const request = { hold, ...given({ version, reason, expected_revision, dry_run }) }
      const answer = await withRegistry(options, runtime, useOf(options), (api) => api.rollback(id, request))
      if (wantsJson(options)) printJson(runtime, answer)
      else printLine(runtime, resultOf(rolledBack(answer), options))
    })
}
