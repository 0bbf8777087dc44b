import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { diffLines } from '../diff/diff-lines.ts'
import { EMPTY, type Html, html, marked, shown } from '../html.ts'
import { earlierRelease, knownName, type ShownPrompt, shownPrompt } from '../reading/shown-prompt.ts'
import { type VersionText, versionText } from '../reading/version-text.ts'
import { age } from '../time.ts'
import { mayPromote, mayWrite } from '../viewer.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { changedFiles } from './changed-files.ts'
import { BRIEF, diffCounts, diffView, fileView, LONG } from './diff-view.ts'
import { eventsTable } from './events-list.ts'
import {
  encodeId,
  facts,
  hasDraft,
  nameOf,
  promptChips,
  promptHref,
  sourceLink,
  tagList,
  versionName,
  withQuery,
} from './parts.ts'
import { commitText, timeline } from './timeline.ts'

const TABS = [
  ['changes', 'Changes'],
  ['file', 'File'],
  ['versions', 'Versions'],
  ['events', 'Events'],
] as const
type Tab = (typeof TABS)[number][0]

export async function promptPage(visit: Visit): Promise<PageContent> {
  const view = await shownPrompt(visit.viewer.api, visit.name, queryOf(visit, 'versions'))
  const asked = queryOf(visit, 'tab')
  const tab = TABS.find(([name]) => name === asked)?.[0] ?? 'changes'
  const body = html`${heading(view, visit)}${done(visit)}${summary(view, visit.now)}
<nav aria-label="Views of this prompt"><ul class="tabs">${TABS.map(([name, label]) => html`<li><a href="${promptHref(view.row.prompt_id, `tab=${name}`)}"${name === tab ? html` aria-current="page"` : ''}>${label}</a></li>`)}</ul></nav>
${await CONTENTS[tab](view, visit)}`
  return { title: view.row.prompt_id, body }
}

const CONTENTS: Readonly<Record<Tab, (view: ShownPrompt, visit: Visit) => Promise<Html>>> = {
  changes: changesTab,
  file: fileTab,
  versions: async (view, visit) => versionsTab(view, visit),
  events: eventsTab,
}

function heading(view: ShownPrompt, visit: Visit): Html {
  const { row } = view
  return html`<div class="head"><div>
<p class="crumbs"><a href="/console">Prompts</a> / ${sourceLink(row.source)}</p>
<h1>${row.prompt_id}</h1>
${promptChips(row)}${tagList(row.tags)}
${row.description === null ? '' : html`<p class="note">${shown(row.description)}</p>`}
</div>${actions(view, visit)}</div>`
}

function actions({ row }: ShownPrompt, { viewer }: Visit): Html {
  if (!mayWrite(viewer) || row.deleted) return EMPTY
  const link = (act: string, label: string, query = '', tone = '') =>
    html`<a class="button ${tone}" href="/console/act/${act}/${encodeId(row.prompt_id)}${query}">${label}</a>`
  const draft = hasDraft(row) && mayPromote(viewer, row.source)
  return html`<div class="actions">
${draft ? link('promote', 'Promote draft', `?version=${encodeURIComponent(row.latest ?? '')}`, 'primary') : ''}
${row.stable === null ? '' : link('rollback', 'Roll back')}
${row.hold === null ? link('hold', 'Hold') : link('unhold', 'Lift hold')}
${row.stable === null && row.latest === null ? '' : link('revoke', 'Revoke', `?version=${encodeURIComponent(row.stable ?? row.latest ?? '')}`)}
</div>`
}

const DONE: Readonly<Record<string, string>> = {
  promote: 'The version is stable now.',
  rollback: 'The earlier version is stable again.',
  hold: 'The prompt is frozen. Releases wait until the hold is lifted.',
  unhold: 'The hold is lifted.',
  revoke: 'The version is revoked.',
  nothing: 'Nothing had to change.',
}

function done(visit: Visit): Html {
  const sentence = DONE[queryOf(visit, 'done')]
  return sentence === undefined ? EMPTY : html`<p class="done" role="status">${sentence}</p>`
}

function summary(view: ShownPrompt, now: number): Html {
  const { row, versions } = view
  const stable = versions.find(({ version }) => version === row.stable)
  const latest = versions.find(({ version }) => version === row.latest)
  const { hold } = row
  return html`<section class="card body" aria-label="Summary">${facts([
    [
      'Stable',
      html`${versionName(row.stable_release, row.stable)}${stable?.released_at == null ? '' : html` <span class="faint">${age(stable.released_at, now)}</span>`}`,
    ],
    [
      'Waiting draft',
      hasDraft(row)
        ? html`${versionName(latest?.waiting[0] ?? null, row.latest)} <span class="faint">${age(latest?.created_at, now)}</span>`
        : null,
    ],
    ['Owner', sourceLink(row.source)],
    ['Commit', originFact(latest?.origin ?? stable?.origin ?? null)],
    ['Author', authorFact((latest ?? stable)?.origin?.author)],
    ['Changed', age(row.updated_at, now)],
    [
      'Hold',
      hold === null
        ? null
        : html`${hold.kind === 'until_lifted' ? 'Frozen until lifted' : 'Until a higher release'}, by ${shown(hold.actor)} ${age(hold.since, now)}${hold.reason === null ? '' : html`: ${shown(hold.reason.slice(0, 500))}`}`,
    ],
  ])}</section>`
}

function originFact(origin: ShownPrompt['versions'][number]['origin']): Html | null {
  return origin?.commit === undefined ? null : commitText(origin)
}

function authorFact(author: string | undefined): Html | null {
  return author === undefined ? null : shown(author)
}

async function changesTab(view: ShownPrompt, visit: Visit): Promise<Html> {
  const { row } = view
  const before =
    queryOf(visit, 'from') ||
    (hasDraft(row) || row.stable === null ? row.stable : earlierRelease(view)?.version)
  const after = queryOf(visit, 'to') || (hasDraft(row) ? row.latest : (row.stable ?? row.latest))
  if (before == null || after == null) {
    const only = after ?? before
    if (only == null) return html`<p>This prompt has no version.</p>`
    return html`<p class="faint">There is no earlier version to compare with.</p>${await fileCard(view, visit, only)}`
  }
  const [old, next] = await Promise.all([
    versionText(visit.viewer.api, row.prompt_id, before),
    versionText(visit.viewer.api, row.prompt_id, after),
  ])
  return comparison(view, visit, { before, after, old, next })
}

interface Compared {
  readonly before: string
  readonly after: string
  readonly old: VersionText
  readonly next: VersionText
}

function comparison(view: ShownPrompt, visit: Visit, { before, after, old, next }: Compared): Html {
  const isSplit = queryOf(visit, 'view') === 'split'
  const names = html`<span>${versionName(knownName(view, before).release, knownName(view, before).version)} → ${versionName(knownName(view, after).release, knownName(view, after).version)}</span>`
  const choice = (value: string, label: string, isCurrent: boolean) =>
    html`<a href="${withQuery(visit.url, { view: value })}"${isCurrent ? html` aria-current="true"` : ''}>${label}</a>`
  const downloads = [before, after].map(
    (label) => html`<a href="${rawHref(view, label)}">Download ${nameOf(knownName(view, label))}</a>`,
  )
  const head = (counts: Html) =>
    html`<h2>${names} ${counts}<span class="switch">${choice('', 'Unified', !isSplit)}${choice('split', 'Side by side', isSplit)}${downloads}</span></h2>`
  const problem = old.problem ?? next.problem
  if (old.text === null || next.text === null)
    return html`<section class="card">${head(EMPTY)}<p class="body">${problem ?? ''}</p></section>`
  const diff = diffLines(old.text, next.text)
  const all = queryOf(visit, 'all') === '1'
  const options = {
    layout: isSplit ? ('split' as const) : ('unified' as const),
    limits: all ? LONG : BRIEF,
    moreHref: all ? null : withQuery(visit.url, { all: '1' }),
  }
  return html`<section class="card">${head(diffCounts(diff))}${diffView(diff, options)}${changedFiles(old.version, next.version)}</section>
${settingsDiff(old.version, next.version, options)}`
}

/** Settings outside of the file, for versions that have no file. */
function settingsDiff(
  before: ResolvedPrompt,
  after: ResolvedPrompt,
  options: Parameters<typeof diffView>[1],
): Html {
  if (before.front_matter !== null && after.front_matter !== null) return EMPTY
  const [old, next] = [before, after].map(({ variables, config }) => pretty({ variables, config }))
  if (old === next || old === undefined || next === undefined) return EMPTY
  return html`<section class="card"><h2>Variables and settings</h2>${diffView(diffLines(old, next), options)}</section>`
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function fileTab(view: ShownPrompt, visit: Visit): Promise<Html> {
  const label = queryOf(visit, 'version') || view.row.stable || view.row.latest
  return label === null ? html`<p>This prompt has no version.</p>` : await fileCard(view, visit, label)
}

async function fileCard(view: ShownPrompt, visit: Visit, label: string): Promise<Html> {
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

function rawHref({ row }: ShownPrompt, label: string): string {
  return `/console/raw/${encodeId(row.prompt_id)}?version=${encodeURIComponent(label)}`
}

function versionsTab({ row, versions, nextVersions }: ShownPrompt, visit: Visit): Html {
  const isFirst = queryOf(visit, 'versions') === ''
  return html`<section class="card"><h2>Versions <span class="faint">newest first</span></h2>${timeline(row.prompt_id, versions, row.stable, visit.now)}</section>
<nav class="pager" aria-label="Pages">${isFirst ? '' : html`<a href="${withQuery(visit.url, { versions: '' })}">Newest</a>`}${nextVersions === null ? '' : html`<a href="${withQuery(visit.url, { versions: nextVersions })}">Older versions</a>`}</nav>`
}

async function eventsTab({ row }: ShownPrompt, visit: Visit): Promise<Html> {
  const cursor = queryOf(visit, 'events')
  const { events, next_cursor } = await visit.viewer.api.events(row.prompt_id, {
    limit: 50,
    ...(cursor !== '' && { cursor }),
  })
  return html`${eventsTable(events, { now: visit.now, withPrompt: false })}
<nav class="pager" aria-label="Pages">${cursor === '' ? '' : html`<a href="${withQuery(visit.url, { events: '' })}">Newest</a>`}${next_cursor === null ? '' : html`<a href="${withQuery(visit.url, { events: next_cursor })}">Older events</a>`}</nav>`
}
