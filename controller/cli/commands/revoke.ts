import { type Command, Option } from 'commander'
import type { RevokeAnswer, RevokeRequest } from '../../../api/contract/registry-api.ts'
import { given, parseRevision } from '../arguments.ts'
import { confirm } from '../confirm.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { revocationCovers, revoked } from '../sentences.ts'

interface RevokeOptions extends CommonOptions, DryRunOptions {
  readonly reason: string
  readonly scope: NonNullable<RevokeRequest['scope']>
  readonly yes?: boolean
  readonly expectedRevision?: number
}

const NOTES = `The scope "content" revokes every version of the prompt with this content, even if it is pushed again. The
scope "version" revokes only this version: use it for a wrong setting. If the version is stable, the prompt goes
back to an earlier release.`

export function revokeCommand({ runtime }: CliContext): Command {
  return newCommand('revoke', 'Never serve a version again, in any mode (irreversible)', {
    group: 'change',
    examples: [
      'revoke triage 1.3.0 --reason "leaks a customer name"',
      'revoke triage 1.3.0 --scope version --reason "wrong temperature"',
    ],
    notes: NOTES,
  })
    .usage('[options] --reason <text> <id> <version>')
    .argument('<id>', 'Prompt id')
    .argument('<version>', 'Label or alias')
    .requiredOption('--reason <text>', 'Reason to record in the events (required)')
    .addOption(
      new Option('--scope <scope>', 'Versions to revoke').choices(['content', 'version']).default('content'),
    )
    .option(...DRY_RUN)
    .option('--yes', 'Skip the confirmation')
    .option(
      '--expected-revision <number>',
      'Fail if the prompt has changed since this revision',
      parseRevision,
    )
    .action(async (id: string, version: string, options: RevokeOptions) => {
      const { reason, scope, expectedRevision: expected_revision } = options
      const request = { version, scope, reason, ...given({ expected_revision }) }
      const answer = await withRegistry(
        options,
        runtime,
        useOf(options),
        async (api): Promise<RevokeAnswer> => {
          const covered = await api.revoke(id, { ...request, dry_run: true })
          if (options.dryRun === true) return covered
          if (covered.changed) await confirm(runtime, revocationCovers(covered), options)
          return await api.revoke(id, request)
        },
      )
      if (wantsJson(options)) printJson(runtime, answer)
      else
        printLine(
          runtime,
          options.dryRun === true ? resultOf(revocationCovers(answer), options) : revoked(answer),
        )
    })
}
