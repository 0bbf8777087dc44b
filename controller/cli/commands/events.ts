import type { Command } from 'commander'
import type { EventDocument, EventsAnswer } from '../../../api/contract/registry-api.ts'
import { withPaging } from '../arguments.ts'
import { NONE, shortText, time } from '../cells.ts'
import { withRegistry } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printNote } from '../output.ts'
import { type PageOptions, readPages } from '../paging.ts'
import { printTable } from '../table.ts'
import type { World } from '../world.ts'

interface EventsOptions extends CommonOptions, PageOptions {}

export function eventsCommand({ world }: CliContext): Command {
  const command = newCommand('events', 'tell what happened to a prompt, newest first', {
    group: 'read',
    examples: ['events triage', 'events triage --limit 10'],
  }).argument('<id>', 'id of the prompt')
  return withPaging(command).action(async (id: string, options: EventsOptions) => {
    const answer = await withRegistry(options, world, 'read', (api) =>
      readPages('events', options, (page) => api.events(id, page)),
    )
    if (wantsJson(options)) printJson(world, answer)
    else printEvents(world, answer)
  })
}

function printEvents(world: World, { events, next_cursor: next }: EventsAnswer): void {
  printTable(world, HEADINGS, events.map(cellsOf))
  if (next !== null) printNote(world, `There are more: add --cursor ${next}`)
}

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
  return typeof value === 'string' ? value.replaceAll('_', ' ') : JSON.stringify(value)
}
