import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { transferred } from '../sentences.ts'

interface TransferOptions extends CommonOptions {
  readonly toNone?: boolean
  readonly reason?: string
}

export function transferCommand({ world }: CliContext): Command {
  return newCommand('transfer', 'give a prompt to another source, as an admin', {
    group: 'change',
    examples: ['transfer triage support', 'transfer triage --to-none'],
    notes:
      'Only its owner may push, name and promote versions. The next source to push a prompt of nobody takes it.',
  })
    .argument('<id>', 'id of the prompt')
    .argument('[source]', 'name of the new owner')
    .option('--to-none', 'leave it without an owner')
    .option('--reason <text>', 'for the events')
    .action(async (id: string, source: string | undefined, options: TransferOptions) => {
      if ((source === undefined) !== (options.toNone === true))
        throw new UsageError('Name the new source, or say --to-none: one of the two.')
      const request = { source: source ?? null, ...given({ reason: options.reason }) }
      const answer = await withRegistry(options, world, 'write', (api) => api.transfer(id, request))
      if (wantsJson(options)) printJson(world, answer)
      else printLine(world, transferred(answer))
    })
}
