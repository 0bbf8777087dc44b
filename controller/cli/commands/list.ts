import { type Command, Option } from 'commander'
import type { ListAnswer, PromptRow } from '../../../api/contract/registry-api.ts'
import { servingState } from '../../../api/contract/serving-state.ts'
import { STATUSES, type Status } from '../../../api/contract/version.ts'
import { given, withPaging } from '../arguments.ts'
import { holdCell, NONE, shortText, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printTable } from '../table.ts'

interface ListOptions extends CommonOptions, PageOptions {
  readonly source?: string
  readonly status?: Status
}

export function listCommand({ runtime }: CliContext): Command {
  const command = newCommand('list', 'List prompts with their stable and latest versions', {
    group: 'read',
    examples: ['list', 'list support/ --status draft', 'list -o json --limit 100'],
  })
    .argument('[prefix]', 'Only prompts whose id has this prefix')
    .option('--source <name>', 'Only prompts that this source owns')
    .addOption(
      new Option('--status <status>', 'Only prompts whose stable or latest version has this status').choices(
        STATUSES,
      ),
    )
  return withPaging(command).action(async (prefix: string | undefined, options: ListOptions) => {
    const filters = given({ prefix, source: options.source, status: options.status })
    const answer = await withRegistry(options, runtime, 'read', (api) =>
      readPages('prompts', options, (page) => api.list({ ...filters, ...page })),
    )
    if (wantsJson(options)) printJson(runtime, answer)
    else printPrompts(runtime, answer, Object.keys(filters).length > 0)
  })
}

function printPrompts(runtime: CliRuntime, answer: ListAnswer, filtered: boolean): void {
  const { prompts, next_cursor: next, unadopted } = answer
  if (prompts.length > 0) printTable(runtime, HEADINGS, prompts.map(cellsOf), { drop: DROP })
  else if (filtered) printNote(runtime, 'No prompt matches.')
  else
    printNote(
      runtime,
      'No prompts yet. Run "promptctl sync" to import them from git, or "promptctl push" to add one.',
    )
  if (next !== null) printNote(runtime, `There are more: add --cursor ${next}`)
  if (unadopted === true) printNote(runtime, 'Seeded prompts may be missing: some are not adopted yet.')
}

const HEADINGS = [
  'prompt',
  'release',
  'stable',
  'highest',
  'latest',
  'source',
  'hold',
  'updated (UTC)',
  'description',
]

const DROP = ['description', 'updated (UTC)', 'highest', 'source', 'stable', 'hold']

function cellsOf(row: PromptRow): string[] {
  const { prompt_id: id, stable, stable_release, highest_release, latest, latest_status: status } = row
  const newest = latest === null ? NONE : latest === stable ? 'same' : `${latest} (${status})`
  const owner = row.archived ? `${row.source ?? NONE} (${archivedPhrase(row)})` : row.source
  const highest = highest_release === null || highest_release === stable_release ? NONE : highest_release
  const releases = [stable_release ?? NONE, stableCell(row), highest, newest]
  const about = [owner ?? NONE, holdCell(row.hold), time(row.updated_at), shortText(row.description)]
  return [id, ...releases, ...about]
}

/** Older registries do not record moves. */
function archivedPhrase({ moved_to }: Partial<Pick<PromptRow, 'moved_to'>>): string {
  return moved_to == null ? 'archived' : `moved to ${moved_to}`
}

/** The stable version, and who made it stable if it was not the source. */
function stableCell(row: PromptRow): string {
  const state = servingState(row)
  if (row.stable === null) return state === 'retired' ? state : NONE
  return state === 'released' || state === 'frozen' ? row.stable : `${row.stable} (${state})`
}
