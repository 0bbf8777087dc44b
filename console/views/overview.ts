import type { SourceDocument, SummaryRow } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import type { CatalogRows } from '../reading/catalog.ts'
import { type SourceView, sourceView } from '../reading/source-view.ts'
import { age } from '../time.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import {
  hasDraft,
  notice,
  numberText,
  pager,
  promptChips,
  promptLink,
  sourceLink,
  versionName,
  withQuery,
} from './parts.ts'

const PAGE = 50

/** The filters of the overview, by the value in the URL. */
const FILTERS: Readonly<Record<string, readonly [label: string, matches: (row: SummaryRow) => boolean]>> = {
  draft: ['Draft waits', hasDraft],
  held: ['Held or frozen', ({ hold }) => hold !== null],
  released: ['Released', ({ stable }) => stable !== null],
  unreleased: ['Without a release', ({ stable }) => stable === null],
  archived: ['Archived', ({ archived }) => archived],
}

export async function overviewPage(visit: Visit): Promise<PageContent> {
  const { knowledge, viewer } = visit
  // A search must see every prompt, and the start of the list need not wait for it.
  const isStart = ['q', 'owner', 'status', 'page'].every((name) => queryOf(visit, name) === '')
  const [catalog, { sources }] = await Promise.all([
    isStart ? knowledge.catalog.rowsSoFar() : knowledge.catalog.rows(),
    viewer.api.sources({ limit: 1000 }),
  ])
  const title = 'Prompts'
  if (catalog.rows.length === 0 && sources.length === 0) return { title, body: firstUse() }
  const found = matching(catalog.rows, visit)
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const page = Math.min(Math.max(1, Number.parseInt(queryOf(visit, 'page'), 10) || 1), pages)
  const rows = found.slice((page - 1) * PAGE, page * PAGE)
  const body = html`<h1>Prompts</h1>
${counts(catalog, sources.map(sourceView))}
${catalog.isReading ? html`<p class="faint" data-soon>The registry has more prompts. They are being counted.</p>` : ''}
${filterForm(visit, catalog, sources)}
${found.length === 0 ? nothingFound(catalog.rows.length === 0) : table(rows, visit.now)}
${pager(page, pages, catalog.isComplete, (to) => withQuery(visit.url, { page: String(to) }))}`
  return { title, body }
}

function matching(rows: readonly SummaryRow[], visit: Visit): readonly SummaryRow[] {
  const words = queryOf(visit, 'q').toLowerCase().split(/\s+/).filter(Boolean)
  const owner = queryOf(visit, 'owner')
  const filter = FILTERS[queryOf(visit, 'status')]?.[1]
  if (words.length === 0 && owner === '' && filter === undefined) return rows
  return rows.filter((row) => {
    if (filter !== undefined && !filter(row)) return false
    if (owner !== '' && row.source !== owner) return false
    return words.every((word) => hasWord(row, word))
  })
}

function hasWord({ prompt_id, description, tags }: SummaryRow, word: string): boolean {
  const has = (text: string) => text.toLowerCase().includes(word)
  return has(prompt_id) || (description !== null && has(description)) || tags.some(has)
}

function counts({ rows, isComplete }: CatalogRows, sources: readonly SourceView[]): Html {
  const found = (...codes: string[]) =>
    sources.reduce((sum, { state }) => {
      return sum + codes.reduce((all, code) => all + (state?.finding_counts[code] ?? 0), 0)
    }, 0)
  const number = (all: number) => `${numberText(all)}${isComplete ? '' : '+'}`
  const notReady = sources.filter(({ standing }) => standing === 'not_ready').length
  const tile = (label: string, value: number, text: string, href: string, tone: string) =>
    html`<li><a href="${href}" class="${value > 0 ? tone : 'zero'}"><b>${text}</b> <span>${label}</span></a></li>`
  const drafts = rows.filter(hasDraft).length
  const held = rows.filter(({ hold }) => hold !== null).length
  const [drifted, kept] = [found('drifted'), found('quarantined', 'unsafe_text')]
  return html`<ul class="tiles" aria-label="Counts">
${tile('Prompts', rows.length, number(rows.length), '/console', 'plain')}
${tile('Drafts wait', drafts, number(drafts), '/console?status=draft', 'info')}
${tile('Held', held, number(held), '/console?status=held', 'warn')}
${tile('Drifted', drifted, String(drifted), '/console/sources', 'warn')}
${tile('Quarantined', kept, String(kept), '/console/sources', 'bad')}
${tile('Sources not ready', notReady, String(notReady), '/console/sources', 'bad')}
</ul>`
}

function filterForm(visit: Visit, { rows }: CatalogRows, sources: readonly SourceDocument[]): Html {
  const [q, owner, status] = ['q', 'owner', 'status'].map((name) => queryOf(visit, name))
  const names = new Set(sources.map(({ name }) => name))
  for (const { source } of rows) if (source !== null) names.add(source)
  const option = (value: string, label: string, chosen: string | undefined) =>
    html`<option value="${value}"${value === chosen ? html` selected` : ''}>${label}</option>`
  const isFiltered = [q, owner, status].some((value) => value !== '')
  return html`<form class="filters" role="search" method="get" action="/console">
<input type="search" name="q" id="search" value="${q}" placeholder="Search id, description, tags" aria-label="Search prompts" aria-keyshortcuts="/">
<select name="owner" aria-label="Owner">${option('', 'Any owner', owner)}${[...names].toSorted().map((name) => option(name, name, owner))}</select>
<select name="status" aria-label="Status">${option('', 'Any status', status)}${Object.entries(FILTERS).map(([value, [label]]) => option(value, label, status))}</select>
<button>Filter</button>${isFiltered ? html`<a href="/console">Clear</a>` : ''}
</form>`
}

function table(rows: readonly SummaryRow[], now: number): Html {
  return html`<div class="card"><table class="list">
<caption class="sr">Prompts</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Stable</th><th scope="col">Draft</th><th scope="col">Status</th><th scope="col">Owner</th><th scope="col" class="end">Changed</th></tr></thead>
<tbody>${rows.map((row) => tableRow(row, now))}</tbody>
</table></div>`
}

function tableRow(row: SummaryRow, now: number): Html {
  const draft = hasDraft(row) ? versionName(null, row.latest) : html`<span class="faint">–</span>`
  return html`<tr>
<th scope="row"><span class="id">${promptLink(row.prompt_id)}</span>${row.description === null ? '' : html`<span class="note">${shown(row.description.slice(0, 200))}</span>`}</th>
<td data-label="Stable">${stableName(row, now)}</td>
<td data-label="Draft"${hasDraft(row) ? '' : html` class="none"`}>${draft}</td>
<td data-label="Status">${promptChips(row)}</td>
<td data-label="Owner">${sourceLink(row.source)}</td>
<td data-label="Changed" class="end">${age(row.updated_at, now)}</td>
</tr>`
}

/** The stable version and the age of its release. */
function stableName({ stable, stable_release, stable_released_at }: SummaryRow, now: number): Html {
  const name = versionName(stable_release, stable)
  return stable_released_at === null
    ? name
    : html`<div>${name}<span class="note">released ${age(stable_released_at, now)}</span></div>`
}

function nothingFound(isEmpty: boolean): Html {
  if (isEmpty)
    return notice(
      'No prompts yet',
      html`The sources have not delivered a prompt. <a href="/console/sources">Look at the sources</a> for the reason.`,
    )
  return notice('No prompt matches', html`Use fewer words, or <a href="/console">clear the filters</a>.`)
}

function firstUse(): Html {
  return html`<h1>Prompts</h1>${notice(
    'Connect a first repository',
    'This registry has no prompts and no sources. A source is a git repository that the controller watches.',
    html`<ol class="steps">
<li>Put prompts into a git repository: one text file each in the folder <code>prompts/</code>, and commit them.</li>
<li>Name the repository in <code>promptctl.yaml</code>, next to the registry and not in the repository.
<code>promptctl init URL</code> writes it:
<pre class="code"><code>sources:
  - name: support
    repository: https://git.example.com/acme/support-prompts.git
    branch: main</code></pre></li>
<li>Start <code>promptctl serve</code> again. The prompts appear here as drafts.</li>
<li>Tag a commit <code>v1.0.0</code> and push the tag. Its prompts become stable.</li>
</ol>`,
  )}${EMPTY}`
}
