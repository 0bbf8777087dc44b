import { type Command, Option } from 'commander'
import type { PromptUse } from '../../../api/contract/prompt-use.ts'
import type { RegistryApi, RevokeAnswer, RevokeRequest } from '../../../api/contract/registry-api.ts'
import { readUse } from '../../pass/read-use.ts'
import { given, parseRevision } from '../arguments.ts'
import type { CliRuntime } from '../cli-runtime.ts'
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
      await withRegistry(options, runtime, useOf(options), async (api) => {
        const covered = await api.revoke(id, { ...request, dry_run: true })
        const covers = revocationCovers(covered, await lostUse(api, covered, runtime))
        const print = (answer: RevokeAnswer, sentence: string) =>
          wantsJson(options) ? printJson(runtime, answer) : printLine(runtime, resultOf(sentence, options))
        if (options.dryRun === true) return print(covered, covers)
        if (covered.changed) await confirm(runtime, covers, options)
        const answer = await api.revoke(id, request)
        print(answer, revoked(answer))
      })
    })
}

/** Who reads a prompt that gets out of service. Nothing, a failure included, keeps back a revocation. */
async function lostUse(
  api: RegistryApi,
  { prompt_id: id, changed, stable }: RevokeAnswer,
  { signal }: CliRuntime,
): Promise<PromptUse | null> {
  if (!changed || stable !== null) return null
  try {
    return (await readUse({ api, signal }, [id])).get(id) ?? null
  } catch {
    return null
  }
}
