import type { Command } from 'commander'
import { given, parseRevision } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { revoked } from '../sentences.ts'

interface RevokeOptions extends CommonOptions {
  readonly reason: string
  readonly expectedRevision?: number
}

export function revokeCommand({ world }: CliContext): Command {
  return newCommand('revoke', 'never serve a version again, in any mode; there is no way back', {
    group: 'change',
    examples: ['revoke triage 1.3.0 --reason "leaks a customer name"'],
    notes:
      'Covers the same text under any label. Where it is stable, the prompt goes back to an earlier release.',
  })
    .argument('<id>', 'id of the prompt')
    .argument('<version>', 'label or alias')
    .requiredOption('--reason <text>', 'for the events')
    .option('--expected-revision <number>', 'only if nobody changed the prompt since', parseRevision)
    .action(async (id: string, version: string, options: RevokeOptions) => {
      const { reason, expectedRevision: expected_revision } = options
      const request = { version, reason, ...given({ expected_revision }) }
      const answer = await withRegistry(options, world, 'write', (api) => api.revoke(id, request))
      if (wantsJson(options)) printJson(world, answer)
      else printLine(world, revoked(answer))
    })
}
