import type { Command } from 'commander'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { ForgetAnswer, RegistryApi, SourceDocument } from '../../../api/contract/registry-api.ts'
import type { Condition } from '../../findings/conditions.ts'
import { countsText } from '../../findings/counts-text.ts'
import { readFindings } from '../../pass/registry-reads.ts'
import { isHidden, parseState } from '../../state/source-state.ts'
import { didYouMean } from '../../values/nearest.ts'
import { given, withPaging } from '../arguments.ts'
import { age, fewNames, NONE, shortCommit } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { confirm } from '../confirm.ts'
import { type Connection, withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson, withCommonOptions } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf, useOf } from '../dry-run.ts'
import { CommandError } from '../failure.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { HIDDEN, printSource } from '../source-page.ts'
import { printTable } from '../table.ts'

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

interface ForgetOptions extends CommonOptions, DryRunOptions {
  readonly delete?: boolean
  readonly reason?: string
  readonly yes?: boolean
}

const FORGET_NOTES = `By default, the source's prompts are archived, and agents still get them. With --delete they are
deleted and answer "gone". The registry still remembers their revocations, holds and releases. First remove the
source from the configuration, or its next pass brings the prompts back.`

function forgetCommand({ runtime }: CliContext): Command {
  return newCommand('forget', 'Forget a source: archive or delete its prompts', {
    group: 'change',
    examples: ['sources forget support', 'sources forget support --delete --reason "moved to billing"'],
    notes: FORGET_NOTES,
  })
    .argument('<name>', 'Name of the source')
    .option('--delete', 'Delete the prompts (irreversible)')
    .option('--reason <text>', 'Reason to record in the events')
    .option('--yes', 'Skip the confirmation')
    .option(...DRY_RUN)
    .action(async (name: string, options: ForgetOptions) => {
      const { delete: deletes = false, reason } = options
      if (options.dryRun === true) return await previewForget(name, options, runtime)
      if (deletes) await confirm(runtime, `This deletes every prompt of the source "${name}".`, options)
      const answer = await withRegistry(options, runtime, 'write', (api) =>
        forgetAll(api, name, { delete: deletes, ...given({ reason }) }, runtime),
      )
      if (wantsJson(options)) printJson(runtime, answer)
      else
        printLine(runtime, `${name}: ${prompts(answer.prompts.length)} ${deletes ? 'deleted' : 'archived'}.`)
    })
}

/** One request is enough, because each of a dry run begins with the first prompt. */
async function previewForget(name: string, options: ForgetOptions, runtime: CliRuntime): Promise<void> {
  const { delete: deletes = false } = options
  const answer = await withRegistry(options, runtime, useOf(options), (api) =>
    api.forget(name, { delete: deletes, limit: LIMITS.page, dry_run: true }),
  )
  if (wantsJson(options)) return printJson(runtime, answer)
  const count = answer.remaining
    ? `more than ${answer.prompts.length} prompts`
    : prompts(answer.prompts.length)
  printLine(runtime, resultOf(`${name}: ${count} ${deletes ? 'deleted' : 'archived'}.`, options))
  for (const id of answer.prompts) printLine(runtime, `  ${id}`)
}

/** Each request forgets some prompts, until none are left. */
async function forgetAll(
  api: RegistryApi,
  name: string,
  request: { readonly delete: boolean; readonly reason?: string },
  { stderr }: CliRuntime,
): Promise<ForgetAnswer> {
  const prompts: string[] = []
  for (;;) {
    const answer = await api.forget(name, request)
    prompts.push(...answer.prompts)
    if (!answer.remaining) return { ...answer, prompts }
    stderr.write(`${name}: ${prompts.length} prompts so far\n`)
  }
}

function prompts(count: number): string {
  return count === 1 ? '1 prompt' : `${count} prompts`
}
