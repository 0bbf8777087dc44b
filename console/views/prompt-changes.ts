import type { ResolvedPrompt } from '../../api/contract/registry-api.ts'
import { diffLines } from '../diff/diff-lines.ts'
import { EMPTY, type Html, html } from '../html.ts'
import { earlierRelease, knownName, type ShownPrompt } from '../reading/shown-prompt.ts'
import { type VersionText, versionText } from '../reading/version-text.ts'
import { queryOf, type Visit } from '../visit.ts'
import { changedFiles } from './changed-files.ts'
import { BRIEF, diffCounts, diffView, LONG } from './diff-view.ts'
import { hasDraft, nameOf, versionName, withQuery } from './parts.ts'
import { fileCard, rawHref } from './prompt-file.ts'

/** The difference of two versions: by default of the stable one and the waiting draft, else of the last two releases. */
export async function changesTab(view: ShownPrompt, visit: Visit): Promise<Html> {
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
