import { EMPTY, type Html, html, shown } from '../html.ts'
import { type ShownPrompt, shownPrompt } from '../reading/shown-prompt.ts'
import { age } from '../time.ts'
import { mayPromote, mayWrite } from '../viewer.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { eventsTable } from './events-list.ts'
import {
  encodeId,
  facts,
  hasDraft,
  person,
  promptChips,
  promptHref,
  promptLink,
  sourceLink,
  tagList,
  versionName,
  withQuery,
} from './parts.ts'
import { changesTab } from './prompt-changes.ts'
import { fileTab } from './prompt-file.ts'
import { messagesTab } from './prompt-messages.ts'
import { promptReaders } from './prompt-readers.ts'
import { promptUse } from './prompt-use.ts'
import { commitText, timeline } from './timeline.ts'

const TABS = [
  ['changes', 'Changes'],
  ['messages', 'Messages'],
  ['file', 'File'],
  ['versions', 'Versions'],
  ['events', 'Events'],
] as const
type Tab = (typeof TABS)[number][0]

export async function promptPage(visit: Visit): Promise<PageContent> {
  const view = await shownPrompt(visit.viewer.api, visit.name, queryOf(visit, 'versions'))
  const asked = queryOf(visit, 'tab')
  const tab = TABS.find(([name]) => name === asked)?.[0] ?? 'changes'
  const body = html`${heading(view, visit)}${done(view, visit)}${summary(view, visit.now)}${view.row.deleted ? '' : html`${await promptReaders(visit.viewer.api, view.row.prompt_id)}${promptUse(view.row.prompt_id)}`}
<nav aria-label="Views of this prompt"><ul class="tabs">${TABS.map(([name, label]) => html`<li><a href="${promptHref(view.row.prompt_id, `tab=${name}`)}"${name === tab ? html` aria-current="page"` : ''}>${label}</a></li>`)}</ul></nav>
${await CONTENTS[tab](view, visit)}`
  return { title: view.row.prompt_id, body }
}

const CONTENTS: Readonly<Record<Tab, (view: ShownPrompt, visit: Visit) => Promise<Html>>> = {
  changes: changesTab,
  messages: messagesTab,
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

const DONE: Readonly<Record<string, (view: ShownPrompt, visit: Visit) => Html | string>> = {
  promote: ({ row }) => html`${versionName(row.stable_release, row.stable)} is stable now.`,
  rollback: ({ row }) => html`${versionName(row.stable_release, row.stable)} is stable again.`,
  hold: () => 'The prompt is frozen. Releases wait until the hold is lifted.',
  unhold: () => 'The hold is lifted.',
  revoke: ({ versions }, visit) => {
    const name = queryOf(visit, 'of')
    const found = versions.find(({ version, status }) => version === name && status === 'revoked')
    return found === undefined
      ? 'The version is revoked.'
      : html`${versionName(found.release, found.version)} is revoked.`
  },
  nothing: () => 'Nothing had to change.',
}

function done(view: ShownPrompt, visit: Visit): Html {
  const name = queryOf(visit, 'done')
  if (!Object.hasOwn(DONE, name)) return EMPTY
  return html`<p class="done" role="status">${DONE[name]?.(view, visit) ?? ''}</p>`
}

function summary(view: ShownPrompt, now: number): Html {
  const { row, versions } = view
  const stable = versions.find(({ version }) => version === row.stable)
  const latest = versions.find(({ version }) => version === row.latest)
  const { hold } = row
  const author = (latest ?? stable)?.origin?.author
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
    // Older registries do not record moves.
    ['Moved to', row.moved_to == null ? null : promptLink(row.moved_to)],
    ['Owner', sourceLink(row.source)],
    ['Commit', originFact(latest?.origin ?? stable?.origin ?? null)],
    ['Author', author === undefined ? null : person(author)],
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
