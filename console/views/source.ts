import type { FindingDocument, PromptRow } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, marked, shown } from '../html.ts'
import { newestTags } from '../reading/release-view.ts'
import { type ShownCondition, type ShownPass, type SourceView, sourceView } from '../reading/source-view.ts'
import { age } from '../time.ts'
import { mayWrite } from '../viewer.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import {
  chip,
  facts,
  hasDraft,
  notice,
  numberText,
  promptHref,
  type Tone,
  versionName,
  withQuery,
} from './parts.ts'
import { passChart, passTone } from './pass-chart.ts'
import { standingChip } from './sources.ts'

export type FindingWeight = 'problem' | 'hold' | 'notice'

export interface SourcePageOptions {
  readonly classOf: (code: string) => FindingWeight
  readonly canLookAgain: boolean
}

const MOST_DRAFTS = 100

export async function sourcePage(visit: Visit, options: SourcePageOptions): Promise<PageContent> {
  const { api } = visit.viewer
  const cursor = queryOf(visit, 'findings')
  const [document, found, catalog, tags] = await Promise.all([
    api.source(visit.name),
    api.findings(visit.name, { limit: 100, ...(cursor !== '' && { cursor }) }),
    visit.knowledge.catalog.rows(),
    newestTags(api, visit.name),
  ])
  const source = sourceView(document)
  const own = catalog.rows.filter((row) => row.source === document.name)
  const title = document.name
  if (document.revision === 0 && own.length === 0)
    return {
      title,
      status: 404,
      body: html`<h1>${title}</h1>${notice('Nothing known', `The registry does not know a source "${title}". Check its name, or wait for its first pass.`)}`,
    }
  const body = html`${heading(source, visit, options)}
${queryOf(visit, 'done') === 'look' ? html`<p class="done" role="status">The controller looks at the repository now. The result appears here.</p>` : ''}
${summary(source, own, visit.now)}
${findings(found.findings, visit, options, found.next_cursor)}
${conditions(source.state?.conditions ?? [], visit.now)}
${nextRelease(own)}
<div class="columns">${passes(source.state?.passes ?? [], visit.now)}${tagsCard(document.name, tags)}</div>`
  return { title, body }
}

function heading(
  source: SourceView,
  { viewer, formToken }: Visit,
  { canLookAgain }: SourcePageOptions,
): Html {
  const { name } = source.document
  const button = html`<form method="post" action="/console/look/${encodeURIComponent(name)}" class="actions"><input type="hidden" name="form" value="${formToken}"><button>Look again now</button></form>`
  return html`<div class="head"><div><p class="crumbs"><a href="/console/sources">Sources</a></p><h1>${name}</h1>${standingChip(source)}</div>${canLookAgain && mayWrite(viewer) ? button : ''}</div>`
}

function summary({ document, state, standing }: SourceView, own: readonly PromptRow[], now: number): Html {
  if (standing === 'hidden')
    return notice(
      'The state is hidden',
      'Your token sees no drafts. Use one with write access to see findings and passes.',
    )
  const { forgotten, lease } = document
  const fetched = state?.conditions.find(({ type }) => type === 'Fetched')
  const branch = /^The branch "([^"]+)"/.exec(fetched?.message ?? '')?.[1]
  return html`<section class="card body" aria-label="Summary">${facts([
    ['Branch', branch === undefined ? null : shown(branch)],
    [
      'Commit',
      state?.watermark == null ? null : html`<code>${marked(state.watermark.commit.slice(0, 12))}</code>`,
    ],
    [
      'Prompts',
      html`<a href="/console?owner=${encodeURIComponent(document.name)}">${numberText(own.length)}</a>`,
    ],
    ['Checked', state === null ? null : age(state.checked_at, now)],
    ['In line with git', state?.complete_at == null ? 'Never yet' : age(state.complete_at, now)],
    [
      'Next retry',
      state?.retry == null
        ? null
        : html`attempt ${String(state.retry.attempt)}, ${marked(state.retry.not_before.slice(11, 19))} UTC`,
    ],
    ['Written by', lease === null ? null : shown(lease.holder)],
    [
      'Forgotten',
      forgotten === null
        ? null
        : html`by ${shown(forgotten.actor)} ${age(forgotten.at, now)}${forgotten.reason === null ? '' : html`: ${shown(forgotten.reason)}`}`,
    ],
  ])}</section>`
}

const CLASSES: readonly (readonly [FindingWeight, heading: string, tone: Tone])[] = [
  ['problem', 'Problems', 'bad'],
  ['hold', 'Held back', 'warn'],
  ['notice', 'Notices', 'plain'],
]

function findings(
  all: readonly FindingDocument[],
  visit: Visit,
  { classOf }: SourcePageOptions,
  next: string | null,
): Html {
  const groups = CLASSES.map(([name, heading, tone]) => {
    const own = all.filter(({ code }) => classOf(code) === name)
    if (own.length === 0) return EMPTY
    return html`<section class="card"><h2>${heading} <span class="faint">${String(own.length)}</span></h2>${own.map((one) => finding(one, tone, visit.now))}</section>`
  })
  const more =
    next === null
      ? EMPTY
      : html`<nav class="pager" aria-label="Pages"><a href="${withQuery(visit.url, { findings: next })}">More findings</a></nav>`
  return html`${groups}${more}`
}

function finding(
  { code, subject, message, cause, first_seen }: FindingDocument,
  tone: Tone,
  now: number,
): Html {
  return html`<div class="finding">${chip(tone, code.replaceAll('_', ' '))} <b>${shown(subject.name)}</b> <span class="faint">since ${age(first_seen, now)}</span>
<p>${shown(message)}</p>${cause == null || cause === '' ? '' : html`<p class="faint"><code>${shown(cause)}</code></p>`}</div>`
}

function conditions(all: readonly ShownCondition[], now: number): Html {
  if (all.length === 0) return EMPTY
  return html`<section class="card"><h2>Conditions</h2><table class="list">
<caption class="sr">Conditions</caption>
<thead><tr><th scope="col">Condition</th><th scope="col">Status</th><th scope="col">Message</th><th scope="col" class="end">Since</th></tr></thead>
<tbody>${all.map((one) => html`<tr><th scope="row">${shown(one.type)}</th><td data-label="Status">${chip(conditionTone(one), one.reason)}</td><td data-label="Message"><span class="wrap">${shown(one.message)}</span></td><td data-label="Since" class="end">${age(one.since, now)}</td></tr>`)}</tbody>
</table></section>`
}

/** `Held` and `Drifted` are good when they are false. */
function conditionTone({ type, status }: ShownCondition): Tone {
  if (status === 'Unknown') return 'plain'
  const isGood = ['Held', 'Drifted'].includes(type) ? status === 'False' : status === 'True'
  if (isGood) return 'good'
  return type === 'Held' || type === 'Drifted' ? 'warn' : 'bad'
}

function nextRelease(own: readonly PromptRow[]): Html {
  const drafts = own.filter(hasDraft)
  if (drafts.length === 0) return EMPTY
  const rest = drafts.length - MOST_DRAFTS
  return html`<section class="card"><h2>The next release would change <span class="faint">${String(drafts.length)} ${drafts.length === 1 ? 'prompt' : 'prompts'}, if it is tagged now</span></h2><table class="list">
<caption class="sr">Prompts that the next release would change</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Stable</th><th scope="col">Becomes</th></tr></thead>
<tbody>${drafts.slice(0, MOST_DRAFTS).map((row) => html`<tr><th scope="row"><span class="id"><a href="${promptHref(row.prompt_id)}">${row.prompt_id}</a></span></th><td data-label="Stable">${versionName(row.stable_release, row.stable)}</td><td data-label="Becomes">${versionName(null, row.latest)}</td></tr>`)}</tbody>
</table>${rest > 0 ? html`<p class="foot">${String(rest)} more prompts.</p>` : ''}</section>`
}

function passes(all: readonly ShownPass[], now: number): Html {
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

function tagsCard(source: string, tags: readonly { readonly tag: string; readonly commit: string }[]): Html {
  if (tags.length === 0) return EMPTY
  return html`<section class="card"><h2>Release tags</h2><table class="list">
<caption class="sr">Release tags</caption>
<thead><tr><th scope="col">Tag</th><th scope="col">Commit</th></tr></thead>
<tbody>${tags.map(({ tag, commit }) => html`<tr><th scope="row"><a href="${releaseHref(source, tag)}">${shown(tag)}</a></th><td data-label="Commit"><code>${marked(commit.slice(0, 12))}</code></td></tr>`)}</tbody>
</table></section>`
}

function releaseHref(source: string, tag: string): string {
  return `/console/sources/${encodeURIComponent(source)}/release?tag=${encodeURIComponent(tag)}`
}
