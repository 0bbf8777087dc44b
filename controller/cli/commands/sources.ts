import type { Command } from 'commander'
import type { RegistryApi, SourceDocument } from '../../../api/contract/registry-api.ts'
import type { Condition } from '../../findings/conditions.ts'
import { countsText } from '../../findings/counts-text.ts'
import { readFindings } from '../../pass/registry-reads.ts'
import { isHidden, parseState } from '../../state/source-state.ts'
import { didYouMean } from '../../values/nearest.ts'
import { withPaging } from '../arguments.ts'
import { age, fewNames, NONE, shortCommit } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type Connection, withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson, withCommonOptions } from '../context.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { HIDDEN, printSource } from '../source-page.ts'
import { printTable } from '../table.ts'
import { forgetCommand } from './sources-forget.ts'

interface SourcesOptions extends CommonOptions, PageOptions {}

export function sourcesCommand(context: CliContext): Command {
  const { runtime } = context
  const command = newCommand('sources', 'Show the state of all sources, or the details of one', {
    group: 'run',
    examples: ['sources', 'sources support', 'sources forget support'],
  }).argument('[name]', 'Source whose conditions, passes and findings to show')
  withPaging(command).action(async (name: string | undefined, options: SourcesOptions) => {
    if (name !== undefined && (options.limit ?? options.cursor) !== undefined)
      throw new UsageError('--limit and --cursor do not work with a source name.')
    await withRegistry(options, runtime, 'read', async (api, connection) => {
      const isGone = isGoneFrom(connection)
      if (name === undefined) await showAll(api, options, runtime, isGone)
      else await showOne(api, name, options, runtime, isGone)
    })
  })
  return command.addCommand(withCommonOptions(forgetCommand(context)))
}

function notConfigured(names: readonly string[]): string {
  const [verb, them, next] =
    names.length === 1 ? ['is', 'it', `forget ${names[0]}"`] : ['are', 'them', 'forget NAME" for each']
  return `${fewNames(names)} ${verb} not in this configuration. If no other controller syncs ${them}, run "promptctl sources ${next}.`
}

type IsGone = (source: SourceDocument) => boolean

/** Whether the configuration no longer has a source, so that nothing here syncs it. */
function isGoneFrom({ sources }: Connection): IsGone {
  return ({ name, forgotten }) => forgotten === null && sources !== null && !sources.has(name)
}

async function showAll(
  api: RegistryApi,
  options: SourcesOptions,
  runtime: CliRuntime,
  isGone: IsGone,
): Promise<void> {
  const answer = await readPages('sources', options, (page) => api.sources(page))
  if (wantsJson(options)) return printJson(runtime, answer)
  const { sources, next_cursor: next } = answer
  if (sources.length === 0) printNote(runtime, 'No source was synced yet. Run "promptctl sync".')
  else
    printTable(
      runtime,
      HEADINGS,
      sources.map((source) => cellsOf(source, runtime.now(), isGone(source))),
      { drop: ['lease', 'commit', 'last pass'] },
    )
  if (sources.some(isHidden)) printNote(runtime, HIDDEN)
  const gone = sources.filter(isGone).map(({ name }) => name)
  if (gone.length > 0) printNote(runtime, notConfigured(gone))
  if (next !== null) printNote(runtime, `There are more: add --cursor ${next}`)
}

async function showOne(
  api: RegistryApi,
  name: string,
  options: CommonOptions,
  runtime: CliRuntime,
  isGone: IsGone,
): Promise<void> {
  const source = await api.source(name)
  if (source.revision === 0 && source.lease === null && source.forgotten === null) {
    const known = (await api.sources()).sources.map((one) => one.name)
    throw new CommandError(
      'not_found',
      `Source "${name}" was never synced. "promptctl sources" lists the synced sources.${didYouMean(name, known)}`,
    )
  }
  const findings = await readFindings({ api, source: { name } })
  if (wantsJson(options)) printJson(runtime, { ...source, findings })
  else printSource(runtime, source, findings, isGone(source))
}

const HEADINGS = ['source', 'ready', 'checked', 'commit', 'last pass', 'lease']

function cellsOf(source: SourceDocument, now: number, isGone: boolean): string[] {
  const { name, lease, forgotten } = source
  const state = parseState(source.state)
  const pass = state?.last_pass ?? null
  const holder = lease === null || Date.parse(lease.expires_at) <= now ? NONE : lease.holder
  const ready = state?.conditions.find(({ type }) => type === 'Ready')
  const counts = pass === null ? '' : countsText(pass.counts)
  return [
    forgotten === null ? name : `${name} (forgotten)`,
    isGone ? 'not configured' : readyText(source, ready),
    age(state?.checked_at ?? null, now),
    shortCommit(state?.watermark?.commit),
    pass === null ? NONE : counts === '' ? pass.result : `${pass.result}: ${counts}`,
    holder,
  ]
}

function readyText(source: SourceDocument, ready: Pick<Condition, 'status' | 'reason'> | undefined): string {
  if (isHidden(source)) return 'hidden'
  if (ready === undefined) return NONE
  return ready.status === 'True' ? 'yes' : `no: ${ready.reason}`
}
