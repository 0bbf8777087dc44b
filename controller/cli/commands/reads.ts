import type { Command } from 'commander'
import { READS_DAYS } from '../../../api/contract/reads.ts'
import type { ReadsAnswer } from '../../../api/contract/registry-api.ts'
import { parseDays } from '../arguments.ts'
import { NONE } from '../cells.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { printTable } from '../table.ts'

interface ReadsOptions extends CommonOptions {
  readonly days: number
}

export function readsCommand({ runtime }: CliContext): Command {
  return newCommand('reads', 'Show who reads a prompt', {
    group: 'read',
    examples: ['reads triage', 'reads triage --days 7'],
    notes:
      'Counts requests to the registry. A client that keeps a prompt asks about once per time to live, so a use is not always a read. Days are in UTC.',
  })
    .argument('<id>', 'Prompt id')
    .option('--days <number>', 'Days to count, today included', parseDays, READS_DAYS.shown)
    .action(async (id: string, options: ReadsOptions) => {
      const answer = await withRegistry(options, runtime, 'read', (api) =>
        api.reads(id, { days: options.days }),
      )
      if (wantsJson(options)) return printJson(runtime, answer)
      if (answer.readers.length === 0) return printLine(runtime, nobody(answer))
      printTable(runtime, HEADINGS, answer.readers.map(cellsOf), { drop: ['first day'] })
    })
}

const HEADINGS = ['application', 'release', 'version', 'status', 'reads', 'first day', 'last day']

function cellsOf(reader: ReadsAnswer['readers'][number]): string[] {
  const { application, release, version, status, reads, first_day, last_day } = reader
  return [application, release ?? NONE, version, status ?? 'deleted', String(reads), first_day, last_day]
}

function nobody({ prompt_id, from }: ReadsAnswer): string {
  return `Nobody has read "${prompt_id}" since ${from}.`
}
