import { type Command, Option } from 'commander'
import type { ListAnswer, PromptRow } from '../../../api/contract/registry-api.ts'
import { STATUSES, type Status } from '../../../api/contract/version.ts'
import { given, withPaging } from '../arguments.ts'
import { holdCell, NONE, shortText, time } from '../cells.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printTable } from '../table.ts'
import type { World } from '../world.ts'

interface ListOptions extends CommonOptions, PageOptions {
  readonly source?: string
  readonly status?: Status
}

export function listCommand({ world }: CliContext): Command {
  const command = newCommand('list', 'list the prompts, with what is stable and what is latest', {
    group: 'read',
    examples: ['list', 'list support/ --status draft', 'list -o json --limit 100'],
  })
    .argument('[prefix]', 'only prompts whose id starts so')
    .option('--source <name>', 'only prompts that this source owns')
    .addOption(
      new Option('--status <status>', 'only prompts whose stable or latest version has it').choices(STATUSES),
    )
  return withPaging(command).action(async (prefix: string | undefined, options: ListOptions) => {
    const filters = given({ prefix, source: options.source, status: options.status })
    const answer = await withRegistry(options, world, 'read', (api) =>
      readPages('prompts', options, (page) => api.list({ ...filters, ...page })),
    )
    if (wantsJson(options)) printJson(world, answer)
    else printPrompts(world, answer, Object.keys(filters).length > 0)
  })
}

function printPrompts(world: World, answer: ListAnswer, filtered: boolean): void {
  const { prompts, next_cursor: next, unadopted } = answer
  if (prompts.length > 0) printTable(world, HEADINGS, prompts.map(cellsOf))
  else if (filtered) printNote(world, 'No prompt matches.')
  else
    printNote(world, 'There are no prompts yet; "promptctl sync" brings those of git, "promptctl push" one.')
  if (next !== null) printNote(world, `There are more: add --cursor ${next}`)
  if (unadopted === true)
    printNote(world, 'Prompts that were seeded before the registry was there may be missing.')
}

const HEADINGS = ['prompt', 'stable', 'release', 'latest', 'source', 'hold', 'updated (UTC)', 'description']

function cellsOf(row: PromptRow): string[] {
  const { prompt_id: id, stable, highest_release: release, latest, latest_status: status } = row
  const newest = latest === null ? NONE : latest === stable ? 'same' : `${latest} (${status})`
  const owner = row.archived ? `${row.source ?? NONE} (archived)` : row.source
  const about = [owner ?? NONE, holdCell(row.hold), time(row.updated_at), shortText(row.description)]
  return [id, stable ?? (row.retired === null ? NONE : 'retired'), release ?? NONE, newest, ...about]
}
