import type { Command } from 'commander'
import { RegistryError } from '../../../api/contract/errors.ts'
import type {
  CurrentSet,
  RegistryApi,
  ReleaseSetDocument,
  SetMoveDocument,
} from '../../../api/contract/registry-api.ts'
import { withPaging } from '../arguments.ts'
import { NONE, shortText, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson, withCommonOptions } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { setKept } from '../sentences.ts'
import { printTable } from '../table.ts'

interface SetsOptions extends CommonOptions, PageOptions {
  readonly source?: string
}

const NOTES = `A set is what a source serves as a whole. The registry keeps the last 50 sets of a source, those younger than 30
days, and those that "sets keep" names. On a narrow terminal, -o wide shows whole digests.`

export function setsCommand(context: CliContext): Command {
  const { runtime } = context
  const command = newCommand('sets', 'Show the current set of each source, or all sets of one', {
    group: 'read',
    examples: ['sets', 'sets --source support', 'sets show 5f1d4a2b9c0e…', 'sets keep 5f1d4a2b9c0e…'],
    notes: NOTES,
  }).option('--source <name>', 'List what this source has served, newest first')
  withPaging(command).action(async ({ source, ...options }: SetsOptions) => {
    if (source === undefined && (options.limit ?? options.cursor) !== undefined)
      throw new UsageError('--limit and --cursor need --source.')
    await withRegistry(options, runtime, 'read', (api) =>
      source === undefined ? showCurrent(runtime, api, options) : showMoves(runtime, api, source, options),
    )
  })
  for (const one of [showCommand(context), keepCommand(context)]) command.addCommand(withCommonOptions(one))
  return command
}

function showCommand({ runtime }: CliContext): Command {
  return newCommand('show', 'Show the versions in a set', {
    group: 'read',
    examples: ['sets show 5f1d4a2b9c0e…'],
  })
    .argument('<digest>', 'Digest of the set, 64 hex digits')
    .action(async (digest: string, options: CommonOptions) => {
      const answer = await withRegistry(options, runtime, 'read', (api) => api.releaseSet(digest))
      if (wantsJson(options)) printJson(runtime, answer)
      else printMembers(runtime, answer)
    })
}

interface KeepOptions extends CommonOptions {
  readonly undo?: boolean
}

function keepCommand({ runtime }: CliContext): Command {
  return newCommand('keep', 'Keep a set for good', { group: 'change', examples: ['sets keep 5f1d4a2b9c0e…'] })
    .argument('<digest>', 'Digest of the set, 64 hex digits')
    .option('--undo', 'Keep the set no longer than others')
    .action(async (digest: string, options: KeepOptions) => {
      const keep = options.undo !== true
      const answer = await withRegistry(options, runtime, 'write', (api) => api.keepSet(digest, { keep }))
      if (wantsJson(options)) printJson(runtime, answer)
      else printLine(runtime, setKept(answer))
    })
}

async function showCurrent(runtime: CliRuntime, api: RegistryApi, options: CommonOptions): Promise<void> {
  const { sources } = await readPages('sources', {}, (page) => api.sources(page))
  const sets = (await Promise.all(sources.map(({ name }) => currentSet(api, name)))).filter(
    (one) => one !== null,
  )
  if (wantsJson(options)) return printJson(runtime, { sets })
  if (sets.length === 0) printNote(runtime, 'No source has a set yet. Run "promptctl sync".')
  const cells = sets.map((one) => [one.source, ...cellsOf(one), one.settling ? 'yes' : 'no'])
  printTable(runtime, ['source', ...HEADINGS, 'settling'], cells, { drop: ['reason', 'actor', 'act'] })
}

/** `null` before the first complete pass of the source. */
async function currentSet(api: RegistryApi, source: string): Promise<CurrentSet | null> {
  try {
    return await api.currentSet(source)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'no_set') return null
    throw error
  }
}

async function showMoves(
  runtime: CliRuntime,
  api: RegistryApi,
  source: string,
  options: CommonOptions & PageOptions,
): Promise<void> {
  const answer = await readPages('moves', options, (page) => api.setMoves(source, page))
  if (wantsJson(options)) return printJson(runtime, answer)
  const cells = answer.moves.map((move) => [...cellsOf(move), keptCell(move)])
  printTable(runtime, [...HEADINGS, 'kept'], cells, { name: 'set', drop: ['reason', 'actor', 'kept'] })
  if (answer.next_cursor !== null) printNote(runtime, `There are more: add --cursor ${answer.next_cursor}`)
}

const HEADINGS = ['moved (UTC)', 'release', 'act', 'set', 'actor', 'reason']

type Moved = Pick<SetMoveDocument, 'set' | 'release' | 'act' | 'moved_at' | 'actor' | 'reason'>

function cellsOf({ set, release, act, moved_at, actor, reason }: Moved): string[] {
  return [time(moved_at), release ?? NONE, act, set ?? NONE, actor, shortText(reason)]
}

function keptCell({ kept, stored }: SetMoveDocument): string {
  return kept ? 'for good' : stored ? 'yes' : 'no'
}

function printMembers(runtime: CliRuntime, { members }: ReleaseSetDocument): void {
  const rows = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))
  printTable(
    runtime,
    ['prompt', 'version'],
    rows.map(([id, identity]) => [id, identity.slice(0, 12)]),
    { name: 'prompt' },
  )
}
