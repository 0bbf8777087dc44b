import type { SummaryRow } from '../../api/contract/registry-api.ts'
import { isOffRelease, servingState } from '../../api/contract/serving-state.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import type { ShownPass } from '../reading/source-view.ts'
import { age } from '../time.ts'
import { chip, hasDraft, promptHref, versionName } from './parts.ts'
import { passChart, passTone } from './pass-chart.ts'
import { commitText } from './timeline.ts'

const MOST_PROMPTS = 100

/** The prompts that a release of the newest commit would change. */
export function nextRelease(own: readonly SummaryRow[]): Html {
  const drafts = own.filter(hasDraft)
  if (drafts.length === 0) return EMPTY
  const rest = drafts.length - MOST_PROMPTS
  return html`<section class="card"><h2>The next release would change <span class="faint">${String(drafts.length)} ${drafts.length === 1 ? 'prompt' : 'prompts'}, if it is tagged now</span></h2><table class="list">
<caption class="sr">Prompts that the next release would change</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Stable</th><th scope="col">Becomes</th></tr></thead>
<tbody>${drafts.slice(0, MOST_PROMPTS).map((row) => html`<tr><th scope="row"><span class="id"><a href="${promptHref(row.prompt_id)}">${row.prompt_id}</a></span></th><td data-label="Stable">${versionName(row.stable_release, row.stable)}</td><td data-label="Becomes">${versionName(null, row.latest)}</td></tr>`)}</tbody>
</table>${rest > 0 ? html`<p class="foot">${String(rest)} more prompts.</p>` : ''}</section>`
}

/** The prompts that do not serve their highest release, and why. */
export function offRelease(own: readonly SummaryRow[]): Html {
  const off = own.filter(isOffRelease)
  if (off.length === 0) return EMPTY
  const rest = off.length - MOST_PROMPTS
  return html`<section class="card"><h2>Not the highest release <span class="faint">${String(off.length)} ${off.length === 1 ? 'prompt' : 'prompts'}</span></h2><table class="list">
<caption class="sr">Prompts that do not serve their highest release</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Stable</th><th scope="col">Highest</th><th scope="col">Why</th></tr></thead>
<tbody>${off.slice(0, MOST_PROMPTS).map((row) => html`<tr><th scope="row"><span class="id"><a href="${promptHref(row.prompt_id)}">${row.prompt_id}</a></span></th><td data-label="Stable">${versionName(row.stable_release, row.stable)}</td><td data-label="Highest">${shown(row.highest_release ?? '')}</td><td data-label="Why">${chip('warn', servingState(row))}</td></tr>`)}</tbody>
</table>${rest > 0 ? html`<p class="foot">${String(rest)} more prompts.</p>` : ''}</section>`
}

export function passes(all: readonly ShownPass[], now: number): Html {
  if (all.length === 0) return EMPTY
  return html`<section class="card"><h2>Last passes</h2><div class="body">${passChart(all)}</div><table class="list">
<caption class="sr">Last passes</caption>
<thead><tr><th scope="col">Result</th><th scope="col">Kind</th><th scope="col">Took</th><th scope="col" class="end">Ended</th></tr></thead>
<tbody>${all.map((pass) => html`<tr><th scope="row">${chip(passTone(pass.result), pass.times > 1 ? `${pass.result} × ${pass.times}` : pass.result)}${pass.message === null ? '' : html`<span class="note">${shown(pass.message.slice(0, 300))}</span>`}</th><td data-label="Kind">${shown(pass.kind)}</td><td data-label="Took">${duration(pass.duration_ms)}</td><td data-label="Ended" class="end">${age(pass.finished_at, now)}</td></tr>`)}</tbody>
</table></section>`
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

export function tagsCard(
  source: string,
  tags: readonly { readonly tag: string; readonly commit: string }[],
  repository: string | undefined,
): Html {
  if (tags.length === 0) return EMPTY
  return html`<section class="card"><h2>Release tags</h2><table class="list">
<caption class="sr">Release tags</caption>
<thead><tr><th scope="col">Tag</th><th scope="col">Commit</th></tr></thead>
<tbody>${tags.map(({ tag, commit }) => html`<tr><th scope="row"><a href="${releaseHref(source, tag)}">${shown(tag)}</a></th><td data-label="Commit">${commitText({ repository, commit })}</td></tr>`)}</tbody>
</table></section>`
}

function releaseHref(source: string, tag: string): string {
  return `/console/sources/${encodeURIComponent(source)}/release?tag=${encodeURIComponent(tag)}`
}
