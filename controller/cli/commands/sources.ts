import type { Command } from 'commander'
import type { RegistryApi, SourceDocument } from '../../../api/contract/registry-api.ts'
import { countsText } from '../../state/counts-text.ts'
import { parseState } from '../../state/source-state.ts'
import { withPaging } from '../arguments.ts'
import { age, NONE, shortCommit } from '../cells.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printSource } from '../source-page.ts'
import { printTable } from '../table.ts'
import type { World } from '../world.ts'

interface SourcesOptions extends CommonOptions, PageOptions {}

export function sourcesCommand({ world }: CliContext): Command {
  const command = newCommand('sources', 'show how the last pass of each source went, or all of one source', {
    group: 'run',
    examples: ['sources', 'sources support'],
  }).argument('[name]', 'a source, to see what it quarantined and found')
  return withPaging(command).action(async (name: string | undefined, options: SourcesOptions) => {
    if (name !== undefined && (options.limit ?? options.cursor) !== undefined)
      throw new UsageError('--limit and --cursor are for the list of sources; leave them out beside a name.')
    await withRegistry(options, world, 'read', async (api) => {
      if (name === undefined) await showAll(api, options, world)
      else await showOne(api, name, options, world)
    })
  })
}

async function showAll(api: RegistryApi, options: SourcesOptions, world: World): Promise<void> {
  const answer = await readPages('sources', options, (page) => api.sources(page))
  if (wantsJson(options)) return printJson(world, answer)
  const { sources, next_cursor: next } = answer
  if (sources.length === 0) printNote(world, 'No source was synced yet; "promptctl sync" does it.')
  else
    printTable(
      world,
      HEADINGS,
      sources.map((source) => cellsOf(source, world.now())),
    )
  if (next !== null) printNote(world, `There are more: add --cursor ${next}`)
}

async function showOne(api: RegistryApi, name: string, options: CommonOptions, world: World): Promise<void> {
  const source = await api.source(name)
  if (source.revision === 0 && source.lease === null) {
    throw new CommandError(
      'not_found',
      `The registry has nothing of a source "${name}"; promptctl sources lists those that were synced.`,
    )
  }
  if (wantsJson(options)) printJson(world, source)
  else printSource(world, source)
}

const HEADINGS = ['source', 'result', 'looked', 'commit', 'last pass', 'at work']

function cellsOf(source: SourceDocument, now: number): string[] {
  const { name, lease } = source
  const state = parseState(source.state)
  const pass = state?.last_pass ?? null
  const holder = lease === null || Date.parse(lease.expires_at) <= now ? NONE : lease.holder
  const counts = pass === null ? '' : countsText(pass.counts)
  return [
    name,
    pass?.result ?? NONE,
    age(state?.checked_at ?? null, now),
    shortCommit(state?.watermark?.commit),
    counts === '' ? NONE : counts,
    holder,
  ]
}
