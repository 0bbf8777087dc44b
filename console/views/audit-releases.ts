import { auditCsv } from '../../api/contract/audit/audit-csv.ts'
import type { AuditRow } from '../../api/contract/audit/audit-row.ts'
import { withSets } from '../../api/contract/audit/with-sets.ts'
import { downloadAnswer } from '../answers.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import type { JournalEvents } from '../reading/journal.ts'
import { SERVED_FILTERS, type ServedFilter, servedReleases } from '../reading/served-releases.ts'
import { age } from '../time.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { auditTabs, limits } from './audit-parts.ts'
import { chip, notice, pager, promptHref, promptLink, versionName, withQuery } from './parts.ts'

const PAGE = 50

/** What served when, and who asked for it, approved it and signed it. `where` names the registry. */
export async function auditReleasesPage(visit: Visit, where: string): Promise<PageContent> {
  const { journal, rows, filter } = await found(visit, where)
  const pages = Math.max(1, Math.ceil(rows.length / PAGE))
  const page = Math.min(Math.max(1, Number.parseInt(queryOf(visit, 'page'), 10) || 1), pages)
  const search = visit.url.search
  const body = html`<div class="head"><h1>Audit</h1><div class="actions"><a class="button" href="/console/audit/releases.csv${search}">CSV</a><a class="button" href="/console/audit/releases.json${search}">JSON</a></div></div>
${auditTabs('releases')}
${filterForm(filter)}
${limits(journal)}
${rows.length === 0 ? notice('Nothing matches', html`Each version that serves appears here. <a href="/console/audit/releases">Clear the filters</a>.`) : table(rows.slice((page - 1) * PAGE, page * PAGE), visit.now)}
${pager(page, pages, journal.isCurrent && journal.isWhole, (to) => withQuery(visit.url, { page: String(to) }))}`
  return { title: 'Audit of releases', body }
}

export async function auditReleasesCsv(visit: Visit, where: string): Promise<Response> {
  const { rows } = await found(visit, where)
  const all = await withSets(rows, visit.viewer.api)
  return downloadAnswer(auditCsv(all), 'text/csv; charset=utf-8', 'releases.csv')
}

export async function auditReleasesJson(visit: Visit, where: string): Promise<Response> {
  const { rows, journal } = await found(visit, where)
  const all = await withSets(rows, visit.viewer.api)
  const document = { rows: all, complete: journal.isCurrent && journal.isWhole }
  return downloadAnswer(JSON.stringify(document), 'application/json; charset=utf-8', 'releases.json')
}

interface FoundRows {
  readonly journal: JournalEvents
  readonly rows: readonly AuditRow[]
  readonly filter: ServedFilter
}

async function found(visit: Visit, where: string): Promise<FoundRows> {
  const [prompt, from, until] = SERVED_FILTERS.map((name) => queryOf(visit, name))
  const filter = { prompt: prompt ?? '', from: from ?? '', until: until ?? '' }
  const journal = await visit.knowledge.journal.events()
  return { journal, rows: await servedReleases(journal, where, filter), filter }
}

function filterForm({ prompt, from, until }: ServedFilter): Html {
  const isFiltered = prompt + from + until !== ''
  return html`<form class="filters" role="search" method="get" action="/console/audit/releases">
<input type="text" name="prompt" value="${prompt}" placeholder="Prompt" aria-label="Prompt" size="14" spellcheck="false">
<label>Served from <input type="date" name="from" value="${from}"></label>
<label>Until <input type="date" name="until" value="${until}"></label>
<button>Filter</button>${isFiltered ? html`<a href="/console/audit/releases">Clear</a>` : ''}
</form>`
}

function table(rows: readonly AuditRow[], now: number): Html {
  return html`<div class="card"><table class="list">
<caption class="sr">Versions in service</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Release</th><th scope="col">Served</th><th scope="col">Asked</th><th scope="col">Approved</th><th scope="col">Signed</th><th scope="col">Changed</th></tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>
<th scope="row"><span class="id">${promptLink(row.prompt_id)}</span></th>
<td data-label="Release">${versionName(row.release, row.version)}</td>
<td data-label="Served">${served(row, now)}</td>
<td data-label="Asked">${asked(row)}</td>
<td data-label="Approved">${approved(row)}</td>
<td data-label="Signed">${row.signed === null ? unknown('no signer') : shown(row.signed)}</td>
<td data-label="Changed">${changed(row)}</td>
</tr>`,
  )}</tbody>
</table></div>`
}

function served({ served_from, served_until, stopped }: AuditRow, now: number): Html {
  const from = served_from === null ? unknown('before the first event') : age(served_from, now)
  if (stopped === null) return html`${from} ${chip('good', 'serves')}`
  return html`${from} to ${age(served_until, now)} <span class="note">${stopped.act.replaceAll('_', ' ')} by ${shown(stopped.actor)}</span>`
}

function asked({ asked, tag }: AuditRow): Html {
  if (asked === null) return unknown('unknown')
  const reason =
    asked.reason === null ? EMPTY : html`<span class="note">${shown(asked.reason.slice(0, 500))}</span>`
  if (asked.by !== 'tag') return html`${shown(asked.actor)} (${asked.act.replaceAll('_', ' ')})${reason}`
  return html`${shown(tag?.tagger ?? 'unknown tagger')}<span class="note">tag ${shown(tag?.name ?? '')}</span>`
}

function approved({ approved }: AuditRow): Html {
  if (approved === null) return unknown('unknown')
  if (approved.pull_request === null) return unknown('no pull request')
  const by = approved.by.length === 0 ? 'nobody' : approved.by.join(', ')
  return html`${shown(by)}<span class="note">pull request ${String(approved.pull_request)}</span>`
}

function changed({ prompt_id, version, changed: { from, parts } }: AuditRow): Html {
  if (from === null) return html`new`
  const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(version)}`
  const what = parts === null || parts.length === 0 ? 'changes' : parts.join(', ')
  return html`<a href="${promptHref(prompt_id, query)}">${what}<span class="sr"> of ${prompt_id}</span></a>`
}

function unknown(words: string): Html {
  return html`<span class="faint">${words}</span>`
}
