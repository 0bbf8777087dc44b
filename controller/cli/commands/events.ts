import type { Command } from 'commander'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { EventDocument, EventsAnswer } from '../../../api/contract/registry-api.ts'
import { given, withPaging } from '../arguments.ts'
import { NONE, shortText, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printTable } from '../table.ts'

const NOTES = `Without an id, prints the feed of all events: each at least once, and in order within a prompt. Pass its
last cursor to --cursor to continue later.

With --replay, sends the feed again to the receivers under "notify" in promptctl.yaml, from --cursor or from the first
event. With --event-bus, to a bus of Amazon EventBridge instead. Receivers recognize an event that they have by its id.`

interface EventsOptions extends CommonOptions, PageOptions {
  readonly replay?: boolean
  readonly eventBus?: string
}

export function eventsCommand({ runtime }: CliContext): Command {
  const command = newCommand(
    'events',
    'Show the events of a prompt (newest first) or of all prompts (oldest first)',
    {
      group: 'read',
      examples: [
        'events triage',
        'events triage --limit 10',
        'events -o json --cursor <cursor>',
        'events --replay --cursor <cursor>',
      ],
      notes: NOTES,
    },
  )
    .argument('[id]', 'Prompt id (default: all prompts)')
    .option('--replay', 'Send the events of all prompts again to the receivers')
    .option('--event-bus <name>', 'With --replay: send to this bus of Amazon EventBridge')
  return withPaging(command).action(async (id: string | undefined, options: EventsOptions) => {
    if (options.replay === true) {
      if (id !== undefined || options.limit !== undefined)
        throw new UsageError('--replay sends the events of all prompts. Leave the id and --limit out.')
      const { replayEvents } = await import('../replay-events.ts')
      return await replayEvents(options, runtime)
    }
    if (options.eventBus !== undefined) throw new UsageError('--event-bus works only with --replay.')
    if (id === undefined) return await showFeed(options, runtime)
    const answer = await withRegistry(options, runtime, 'read', (api) =>
      readPages('events', options, (page) => api.events(id, page)),
    )
    if (wantsJson(options)) printJson(runtime, answer)
    else printEvents(runtime, answer)
  })
}

/** The last cursor is kept even if no more events exist yet, so that a later call can continue. */
async function showFeed({ limit, cursor, ...options }: EventsOptions, runtime: CliRuntime): Promise<void> {
  const answer = await withRegistry(options, runtime, 'read', async (api) => {
    const events: EventDocument[] = []
    let page = await api.feed(given({ limit: limit ?? LIMITS.page, cursor }))
    events.push(...page.events)
    while (limit === undefined && page.more && page.next_cursor !== null) {
      page = await api.feed({ limit: LIMITS.page, cursor: page.next_cursor })
      events.push(...page.events)
    }
    return { ...page, events }
  })
  if (wantsJson(options)) return printJson(runtime, answer)
  printTable(
    runtime,
    ['prompt', ...HEADINGS],
    answer.events.map((event) => [event.prompt_id, ...cellsOf(event)]),
    { drop: DROP },
  )
  if (answer.next_cursor !== null) printNote(runtime, `Later events: add --cursor ${answer.next_cursor}`)
}

function printEvents(runtime: CliRuntime, { events, next_cursor: next }: EventsAnswer): void {
  printTable(runtime, HEADINGS, events.map(cellsOf), { drop: DROP })
  if (next !== null) printNote(runtime, `There are more: add --cursor ${next}`)
}

const DROP = ['details', 'from', 'reason', 'actor', 'time (UTC)']
const HEADINGS = ['#', 'time (UTC)', 'event', 'from', 'to', 'details', 'actor', 'reason']

function cellsOf(event: EventDocument): string[] {
  const { sequence, at, type, from, to, details, actor, reason } = event
  const what = [type.replaceAll('_', ' '), from ?? NONE, to ?? NONE, detailsCell(details)]
  return [String(sequence), time(at), ...what, actor, shortText(reason)]
}

function detailsCell(details: EventDocument['details']): string {
  const facts = Object.entries(details ?? {}).filter(([, value]) => value !== null && value !== '')
  return shortText(facts.map(([name, value]) => `${name} ${factText(value)}`).join(', '))
}

function factText(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('_', ' ')
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string')
  return isList ? value.join(' and ') : JSON.stringify(value)
}
