import { type Html, html, marked, shown } from '../html.ts'
import { type SourceView, sourceView } from '../reading/source-view.ts'
import { age } from '../time.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { chip, notice, sourceLink, type Tone, withQuery } from './parts.ts'

const STANDINGS: Readonly<Record<SourceView['standing'], readonly [Tone, string]>> = {
  ready: ['good', 'ready'],
  not_ready: ['bad', 'not ready'],
  suspended: ['plain', 'suspended'],
  forgotten: ['plain', 'forgotten'],
  hidden: ['plain', 'hidden'],
  unknown: ['plain', 'no pass yet'],
}

export function standingChip({ standing }: SourceView): Html {
  return chip(...STANDINGS[standing])
}

export async function sourcesPage(visit: Visit): Promise<PageContent> {
  const cursor = queryOf(visit, 'after')
  const answer = await visit.viewer.api.sources({ limit: 100, ...(cursor !== '' && { cursor }) })
  const sources = answer.sources.map(sourceView)
  const title = 'Sources'
  if (sources.length === 0) {
    const sentence = html`A source is a git repository that the controller watches. <a href="/console">See how to connect one</a>.`
    return { title, body: html`<h1>Sources</h1>${notice('No sources yet', sentence)}` }
  }
  const body = html`<h1>Sources</h1>
<div class="card"><table class="list">
<caption class="sr">Sources</caption>
<thead><tr><th scope="col">Source</th><th scope="col">State</th><th scope="col">Findings</th><th scope="col">Commit</th><th scope="col" class="end">Checked</th></tr></thead>
<tbody>${sources.map((source) => row(source, visit.now))}</tbody>
</table></div>
${answer.next_cursor === null ? '' : html`<nav class="pager" aria-label="Pages"><a href="${withQuery(visit.url, { after: answer.next_cursor })}">More sources</a></nav>`}`
  return { title, body }
}

function row(source: SourceView, now: number): Html {
  const { document, state } = source
  const ready = state?.conditions.find(({ type }) => type === 'Ready')
  const counts = Object.entries(state?.finding_counts ?? {}).filter(([, count]) => count > 0)
  return html`<tr>
<th scope="row"><span class="id">${sourceLink(document.name)}</span>${ready === undefined || ready.status === 'True' ? '' : html`<span class="note">${shown(ready.message.slice(0, 300))}</span>`}</th>
<td data-label="State">${standingChip(source)}</td>
<td data-label="Findings">${counts.length === 0 ? html`<span class="faint">none</span>` : counts.map(([code, count]) => chip('plain', `${count} ${code.replaceAll('_', ' ')}`))}</td>
<td data-label="Commit"><code>${marked(state?.watermark?.commit.slice(0, 12) ?? '–')}</code></td>
<td data-label="Checked" class="end">${age(state?.checked_at, now)}</td>
</tr>`
}
