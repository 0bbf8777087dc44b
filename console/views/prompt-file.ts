import { type Html, html, marked } from '../html.ts'
import { knownName, type ShownPrompt } from '../reading/shown-prompt.ts'
import { versionText } from '../reading/version-text.ts'
import { queryOf, type Visit } from '../visit.ts'
import { BRIEF, fileView, LONG } from './diff-view.ts'
import { encodeId, versionName, withQuery } from './parts.ts'

/** The file of one version, with its variables and settings. */
export async function fileTab(view: ShownPrompt, visit: Visit): Promise<Html> {
  const label = queryOf(visit, 'version') || view.row.stable || view.row.latest
  return label === null ? html`<p>This prompt has no version.</p>` : await fileCard(view, visit, label)
}

export async function fileCard(view: ShownPrompt, visit: Visit, label: string): Promise<Html> {
  const { version, text, problem } = await versionText(visit.viewer.api, view.row.prompt_id, label)
  const known = knownName(view, label)
  const name = versionName(version?.release ?? known.release, version?.version ?? known.version)
  if (version === null)
    return html`<section class="card"><h2>${name}</h2><p class="body">${problem}</p></section>`
  const all = queryOf(visit, 'all') === '1'
  const moreHref = all ? null : withQuery(visit.url, { all: '1' })
  return html`<section class="card"><h2>${name}<span class="switch"><a href="${rawHref(view, version.version)}">Download</a></span></h2>${fileView(text, { limits: all ? LONG : BRIEF, moreHref })}</section>
<div class="columns">${jsonCard('Variables', version.variables)}${jsonCard('Settings', version.config)}</div>`
}

const MOST_JSON = 20_000

function jsonCard(heading: string, value: unknown): Html {
  if (value === null)
    return html`<section class="card"><h2>${heading}</h2><p class="body faint">None</p></section>`
  const text = JSON.stringify(value, null, 2).slice(0, MOST_JSON)
  const lines = text.split('\n').map((line) => html`${marked(line)}\n`)
  return html`<section class="card"><h2>${heading}</h2><pre class="code" tabindex="0" role="region" aria-label="${heading}"><code>${lines}</code></pre></section>`
}

export function rawHref({ row }: ShownPrompt, label: string): string {
  return `/console/raw/${encodeId(row.prompt_id)}?version=${encodeURIComponent(label)}`
}
