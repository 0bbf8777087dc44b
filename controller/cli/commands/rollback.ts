import { type Command, Option } from 'commander'
import type { RollbackRequest } from '../../../api/contract/registry-api.ts'
import { given, parseRevision } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { DRY_RUN, resultOf, useOf } from '../dry-run.ts'
import { printJson, printLine } from '../output.ts'
import { type RollbackSourceOptions, rollBackSource } from '../rollback-source.ts'
import { rolledBack } from '../sentences.ts'

interface RollbackOptions extends RollbackSourceOptions {
  readonly source?: string
  readonly hold: NonNullable<RollbackRequest['hold']>
  readonly expectedRevision?: number
}

const NOTES = `Without a version, goes back to the version that was stable before the last promotion, or to an earlier one
if somebody rolled back from that one. The hold keeps the content from coming back: until a release with different
content (until_release), until "promptctl unhold" (until_lifted), or not at all (none).

With --source, all prompts of the source go back together: to its set of a tag, to a set of "promptctl sets", or to
what it served before its current release. Its releases then wait for one above those that were rolled back. If the
registry has no set of the tag, it is made from the tag's tree, for which the configuration must have the source.`

export function rollbackCommand({ runtime }: CliContext): Command {
  return newCommand('rollback', 'Roll back to an earlier release', {
    group: 'change',
    examples: [
      'rollback triage --reason "too chatty"',
      'rollback triage 1.2.0 --hold until_lifted',
      'rollback --source support v1.2.0',
    ],
    notes: NOTES,
  })
    .usage('[options] <id> [version]\n       promptctl rollback [options] --source <name> [tag or set]')
    .argument('[id]', 'Prompt id; with --source, the tag or the set to go back to')
    .argument('[version]', 'Label or alias of a released version')
    .option('--source <name>', 'Roll back all prompts of this source together')
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
    .option('--yes', 'With --source: skip the confirmation')
    .action(async (id: string | undefined, version: string | undefined, options: RollbackOptions) => {
      if (options.source !== undefined) {
        if (version !== undefined) throw new UsageError('--source takes one tag or set, and no prompt id.')
        return await rollBackSource(runtime, options.source, id, options)
      }
      if (id === undefined) throw new UsageError('Name a prompt, or a source with --source.')
      const { hold, reason, expectedRevision: expected_revision, dryRun: dry_run } = options
      const request = { hold, ...given({ version, reason, expected_revision, dry_run }) }
      const answer = await withRegistry(options, runtime, useOf(options), (api) => api.rollback(id, request))
      if (wantsJson(options)) printJson(runtime, answer)
      else printLine(runtime, resultOf(rolledBack(answer), options))
    })
}
