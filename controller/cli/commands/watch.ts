import type { Command } from 'commander'
import type { EventDocument, RegistryApi, SourceDocument } from '../../../api/contract/registry-api.ts'
import { countsText } from '../../findings/counts-text.ts'
import { endOfFeed } from '../../notify/feed-end.ts'
import { parseState } from '../../state/source-state.ts'
import { parseSeconds } from '../arguments.ts'
import { age, NONE, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import { paint } from '../look.ts'
import type { CommonOptions } from '../options.ts'
import { isTerminal, oneLine } from '../output.ts'
import { readPages } from '../paging.ts'

interface WatchOptions extends CommonOptions {
  readonly interval: number
}

const NOTES = `On a terminal it redraws the state of the sources and the newest events. In a pipe it prints a line for each event
and each change of a source; with -o json, a JSON document a line. Ctrl-C ends it.`

export function watchCommand({ runtime }: CliContext): Command {
  return newCommand('watch', 'Follow sources and events', {
    group: 'read',
    examples: ['watch', 'watch --interval 10', 'watch -o json'],
    notes: NOTES,
  })
    .option('--interval <seconds>', 'Time between two looks', parseSeconds, 2)
    .action(async (options: WatchOptions) => {
      await withRegistry(options, runtime, 'read', async (api) => {
        const show =
          isTerminal(runtime.stdout) && !wantsJson(options) ? screen(runtime) : lines(runtime, options)
        await follow(api, options.interval * 1000, runtime, show)
      })
    })
}

interface Seen {
  readonly sources: readonly SourceDocument[]
  /** Oldest first. */
  readonly events: readonly EventDocument[]
}

/** Runs until the process is asked to stop. */
async function follow(
  api: RegistryApi,
  intervalMs: number,
  { pause, signal }: CliRuntime,
  show: (seen: Seen) => void,
): Promise<void> {
  let cursor = await endOfFeed(api)
  let events: readonly EventDocument[] = []
  while (!signal.aborted) {
    const { sources } = await readPages('sources', {}, (page) => api.sources(page))
    show({ sources, events })
    await pause(intervalMs, signal).catch(() => {})
    if (signal.aborted) return
    const page = await api.feed(cursor === null ? {} : { cursor })
    cursor = page.next_cursor
    events = page.events
  }
}

/** Prints the changes since the last look. */
function lines({ stdout }: CliRuntime, options: WatchOptions): (seen: Seen) => void {
  const last = new Map<string, string>()
  const json = (document: object) => stdout.write(`${JSON.stringify(document)}\n`)
  return ({ sources, events }) => {
    for (const event of events) {
      if (wantsJson(options)) json({ event })
      else stdout.write(`${oneLine(eventLine(event))}\n`)
    }
    for (const source of sources) {
      const line = sourceLine(source)
      if (last.get(source.name) === line) continue
      last.set(source.name, line)
      if (wantsJson(options)) json({ source })
      else stdout.write(`${oneLine(line)}\n`)
    }
  }
}

const NEWEST = 10

/** Redraws the lines of the last look. */
function screen(runtime: CliRuntime): (seen: Seen) => void {
  const { stdout, now } = runtime
  let drawn = 0
  let newest: readonly EventDocument[] = []
  return ({ sources, events }) => {
    newest = [...newest, ...events].slice(-NEWEST)
    const columns = (stdout as { columns?: number }).columns ?? 80
    const clipped = (line: string) => [...oneLine(line)].slice(0, columns - 1).join('')
    const rows = [
      ...sources.map((source) => {
        const state = parseState(source.state)
        const isReady = state?.conditions.find(({ type }) => type === 'Ready')?.status === 'True'
        const line = `${sourceLine(source)}, checked ${age(state?.checked_at ?? null, now())}`
        return paint(runtime, stdout, state === null ? 'faint' : isReady ? 'good' : 'bad', clipped(line))
      }),
      ...(sources.length === 0 ? ['No source was synced yet.'] : []),
      ...newest.map((event) => clipped(eventLine(event))),
      paint(runtime, stdout, 'faint', clipped(`${time(new Date(now()).toISOString())} UTC, Ctrl-C to end`)),
    ]
    const home = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`
    stdout.write(`${home}${rows.join('\n')}\n`)
    drawn = rows.length
  }
}

function sourceLine({ name, state: document }: SourceDocument): string {
  const state = parseState(document)
  const ready = state?.conditions.find(({ type }) => type === 'Ready')
  const word = ready === undefined ? NONE : ready.status === 'True' ? 'ready' : `not ready (${ready.reason})`
  const pass = state?.last_pass ?? null
  const counts = pass === null ? '' : countsText(pass.counts)
  const commit = state?.watermark?.commit.slice(0, 12)
  return `${name}: ${word}${commit === undefined ? '' : ` at ${commit}`}${counts === '' ? '' : `, last pass ${counts}`}`
}

function eventLine({ at, prompt_id: id, type, from, to, actor, reason }: EventDocument): string {
  const change = from === null && to === null ? '' : ` ${from ?? NONE} to ${to ?? NONE}`
  return `${time(at)}  ${id}: ${type.replaceAll('_', ' ')}${change} by ${actor}${reason === null ? '' : ` (${reason})`}`
}
