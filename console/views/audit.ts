import type { EventDocument } from '../../api/contract/registry-api.ts'
import { EVENT_TYPES } from '../../api/contract/schemas/index.ts'
import { downloadAnswer } from '../answers.ts'
import { type Html, html } from '../html.ts'
import { type EventFilter, eventsCsv, FILTER_NAMES, matchesEvent } from '../reading/event-filter.ts'
import type { JournalEvents } from '../reading/journal.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { auditTabs, limits } from './audit-parts.ts'
import { eventLabel, eventsTable } from './events-list.ts'
import { notice, pager, withQuery } from './parts.ts'

const PAGE = 50

export async function auditPage(visit: Visit): Promise<PageContent> {
  const { journal, events, filter } = await found(visit)
  const pages = Math.max(1, Math.ceil(events.length / PAGE))
  const page = Math.min(Math.max(1, Number.parseInt(queryOf(visit, 'page'), 10) || 1), pages)
  const shownEvents = events.slice((page - 1) * PAGE, page * PAGE)
  const search = visit.url.search
  const body = html`<div class="head"><h1>Audit</h1><div class="actions"><a class="button" href="/console/audit.csv${search}">CSV</a><a class="button" href="/console/audit.json${search}">JSON</a></div></div>
${auditTabs('events')}
${filterForm(filter)}
${limits(journal)}
${events.length === 0 ? notice('No event matches', html`Each change of a prompt appears here. <a href="/console/audit">Clear the filters</a>.`) : eventsTable(shownEvents, { now: visit.now, withPrompt: true })}
${pager(page, pages, journal.isCurrent && journal.isWhole, (to) => withQuery(visit.url, { page: String(to) }))}`
  return { title: 'Audit', body }
}

export async function auditCsv(visit: Visit): Promise<Response> {
  const { events } = await found(visit)
  return downloadAnswer(eventsCsv(events), 'text/csv; charset=utf-8', 'audit.csv')
}

export async function auditJson(visit: Visit): Promise<Response> {
  const { events, journal } = await found(visit)
  const document = { events, complete: journal.isCurrent && journal.isWhole }
  return downloadAnswer(JSON.stringify(document), 'application/json; charset=utf-8', 'audit.json')
}

interface FoundEvents {
  readonly journal: JournalEvents
  readonly events: readonly EventDocument[]
  readonly filter: EventFilter
}

async function found(visit: Visit): Promise<FoundEvents> {
  const filter = Object.fromEntries(FILTER_NAMES.map((name) => [name, queryOf(visit, name)])) as Record<
    keyof EventFilter,
    string
  >
  const { catalog } = visit.knowledge
  const [journal, rows] = await Promise.all([
    visit.knowledge.journal.events(),
    filter.source === '' ? [] : catalog.rows().then((answer) => answer.rows),
  ])
  const owners = new Map(rows.map(({ prompt_id, source }) => [prompt_id, source]))
  const events = journal.events.filter((event) => matchesEvent(event, filter, (id) => owners.get(id)))
  return { journal, events, filter }
}

function filterForm(filter: EventFilter): Html {
  const text = (name: 'prompt' | 'actor' | 'source', label: string) =>
    html`<input type="text" name="${name}" value="${filter[name]}" placeholder="${label}" aria-label="${label}" size="14" spellcheck="false">`
  const day = (name: 'from' | 'until', label: string) =>
    html`<label>${label} <input type="date" name="${name}" value="${filter[name]}"></label>`
  const isFiltered = Object.values(filter).some((value) => value !== '')
  return html`<form class="filters" role="search" method="get" action="/console/audit">
${text('prompt', 'Prompt')}${text('actor', 'Actor')}${text('source', 'Source')}
<select name="type" aria-label="Event"><option value="">Any event</option>${EVENT_TYPES.map((type) => html`<option value="${type}"${type === filter.type ? html` selected` : ''}>${eventLabel(type)}</option>`)}</select>
${day('from', 'From')}${day('until', 'Until')}
<button>Filter</button>${isFiltered ? html`<a href="/console/audit">Clear</a>` : ''}
</form>`
}
