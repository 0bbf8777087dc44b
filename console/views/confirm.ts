import type { RegistryError } from '../../api/contract/errors.ts'
import { useClause, useIn } from '../../api/contract/prompt-use.ts'
import { READS_DAYS } from '../../api/contract/reads.ts'
import type { RevokeAnswer } from '../../api/contract/registry-api.ts'
import type { ActionName, HoldChoice, ScopeChoice } from '../actions.ts'
import { diffLines } from '../diff/diff-lines.ts'
import { EMPTY, type Html, html } from '../html.ts'
import {
  earlierRelease,
  earlierReleases,
  knownName,
  type ShownPrompt,
  shownPrompt,
} from '../reading/shown-prompt.ts'
import { versionText } from '../reading/version-text.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { changedFiles } from './changed-files.ts'
import { BRIEF, diffCounts, diffView, LONG } from './diff-view.ts'
import { problemOf, statusOf } from './failure.ts'
import { encodeId, promptHref, promptLink, versionName, withQuery } from './parts.ts'

interface Wording {
  readonly heading: string
  readonly button: string
  readonly tone: 'primary' | 'danger'
}

const WORDINGS: Readonly<Record<ActionName, Wording>> = {
  promote: { heading: 'Promote', button: 'Promote', tone: 'primary' },
  rollback: { heading: 'Roll back', button: 'Roll back', tone: 'danger' },
  hold: { heading: 'Hold', button: 'Hold releases', tone: 'primary' },
  unhold: { heading: 'Lift the hold of', button: 'Lift hold', tone: 'primary' },
  revoke: { heading: 'Revoke', button: 'Revoke for good', tone: 'danger' },
}

/** An attempt that the registry refused. */
interface RefusedAttempt {
  readonly error: RegistryError
  readonly form: URLSearchParams
}

/** Asks for a reason, and shows what will change. After a refusal, `refused` fills in the form again. */
export async function confirmPage(
  action: ActionName,
  visit: Visit,
  refused: RefusedAttempt | null = null,
): Promise<PageContent> {
  const view = await shownPrompt(visit.viewer.api, visit.name)
  const { row } = view
  const { heading, button, tone } = WORDINGS[action]
  const typed = refused?.form ?? new URLSearchParams()
  const version = typed.get('version') || queryOf(visit, 'version') || targetOf(action, view)
  const isTwoVersions = action === 'promote' || action === 'rollback'
  const preview = action === 'revoke' && version !== null ? await revocation(view, visit, version) : null
  const body = html`<p class="crumbs"><a href="/console">Prompts</a> / ${promptLink(row.prompt_id)}</p>
<h1>${heading} ${row.prompt_id}</h1>
${refused === null ? '' : html`<p class="alert" role="alert">${refusalText(refused.error)}</p>`}
${isTwoVersions || action === 'revoke' ? targetChoice(action, view, visit, version) : ''}
${isTwoVersions && version !== null ? await effect(view, visit, version) : ''}
${preview ?? ''}
<form method="post" action="/console/act/${action}/${encodeId(row.prompt_id)}" class="card body">
<input type="hidden" name="form" value="${visit.formToken}">
<input type="hidden" name="revision" value="${String(row.revision)}">
${version === null ? '' : html`<input type="hidden" name="version" value="${version}">`}
${fieldsOf(action, view, typed)}
<div class="field"><label for="reason">Reason</label><textarea id="reason" name="reason" required maxlength="2000" aria-describedby="reason-hint">${typed.get('reason') ?? ''}</textarea>
<p class="faint" id="reason-hint">Recorded in the audit.</p></div>
<div class="actions"><button class="${tone}">${button}</button>${secondButton(action, refused)}<a class="button" href="${promptHref(row.prompt_id)}">Cancel</a></div>
</form>`
  return {
    title: `${heading} ${row.prompt_id}`,
    isLive: false,
    body,
    ...(refused !== null && { status: statusOf(refused.error.code) }),
  }
}

function refusalText({ code, message }: RegistryError): string {
  if (code !== 'revision_conflict') return message
  return 'Somebody changed this prompt meanwhile. Look at the changes below, which are current, and decide again.'
}

/** Promotes although callers break, which the registry allows only on demand. */
function secondButton(action: ActionName, refused: RefusedAttempt | null): Html {
  if (action !== 'promote' || refused?.error.code !== 'breaking_inputs') return EMPTY
  return html`<button class="danger" name="allow_breaking_inputs" value="true">Promote and break callers</button>`
}

function targetOf(action: ActionName, view: ShownPrompt): string | null {
  if (action === 'promote') return view.row.latest
  if (action === 'rollback') return earlierRelease(view)?.version ?? null
  return view.row.stable
}

/** Other versions to choose from, as a form that works without a script. */
function targetChoice(action: ActionName, view: ShownPrompt, { name }: Visit, chosen: string | null): Html {
  const { row, versions } = view
  const choices =
    action === 'rollback'
      ? earlierReleases(view)
      : versions.filter(
          ({ version, status }) => status !== 'revoked' && (action === 'revoke' || version !== row.stable),
        )
  if (chosen === null) return html`<p class="caution">This prompt has no earlier release to go back to.</p>`
  const label = action === 'rollback' ? 'Go back to' : 'Version'
  return html`<form method="get" action="/console/act/${action}/${encodeId(name)}" class="filters">
<label>${label} <select name="version">${choices.map(({ version, release }) => html`<option value="${version}"${version === chosen ? html` selected` : ''}>${release === null ? '' : `${release} · `}${version}</option>`)}</select></label>
<button>Show</button></form>`
}

/** The diff from the stable version to the one that becomes stable. */
async function effect(view: ShownPrompt, visit: Visit, version: string): Promise<Html> {
  const { row } = view
  const after = knownName(view, version)
  const names = html`${versionName(row.stable_release, row.stable)} → ${versionName(after.release, after.version)}`
  const { api } = visit.viewer
  const [old, next] = await Promise.all([
    row.stable === null
      ? { version: null, text: '', problem: null }
      : versionText(api, row.prompt_id, row.stable),
    versionText(api, row.prompt_id, version),
  ])
  if (old.text === null || next.text === null)
    return html`<section class="card"><h2>${names}</h2><p class="body">${old.problem ?? next.problem}</p></section>`
  const diff = diffLines(old.text, next.text)
  const all = queryOf(visit, 'all') === '1'
  const moreHref = all ? null : withQuery(visit.url, { version, all: '1' })
  return html`<section class="card"><h2>What agents get ${names} ${diffCounts(diff)}</h2>${diffView(diff, { layout: 'unified', limits: all ? LONG : BRIEF, moreHref })}${changedFiles(old.version, next.version)}</section>`
}

/** The versions that a revocation would cover, from a dry run. */
async function revocation(view: ShownPrompt, visit: Visit, version: string): Promise<Html> {
  const { row } = view
  const { release, version: label } = knownName(view, version)
  let preview: RevokeAnswer
  try {
    const request = { version, dry_run: true, scope: 'content' as const }
    preview = await visit.viewer.api.revoke(row.prompt_id, request)
  } catch (error) {
    return html`<p class="alert" role="alert">${problemOf(error)}</p>`
  }
  const covered = preview.revoked.map((one) => {
    const name = knownName(view, one)
    return html`<li>${versionName(name.release, name.version)}</li>`
  })
  const afterwards =
    preview.stable === null
      ? html`<p class="caution">Afterwards, nothing is stable: agents get an error.${await readersText(visit, row.prompt_id)}</p>`
      : html`<p>Stable afterwards: ${versionName(knownName(view, preview.stable).release, preview.stable)}</p>`
  const change =
    preview.stable === null || preview.stable === row.stable
      ? EMPTY
      : await effect(view, visit, preview.stable)
  return html`<section class="card"><h2><span>${versionName(release, label)} is never served again</span></h2><div class="body">
<p>No mode serves a revoked version, and it cannot come back. With the scope <b>content</b>, this covers:</p>
<ul>${covered}</ul>${afterwards}</div></section>${change}`
}

/** Who gets the error. Nothing keeps back a revocation, so a failure is as no reads. */
async function readersText({ viewer }: Visit, id: string): Promise<string> {
  try {
    const use = useIn(await viewer.api.reads(id, { days: READS_DAYS.inUse }))
    return use === null ? '' : ` The prompt ${useClause(use)}.`
  } catch {
    return ''
  }
}

/** The fields of an action, with the values that were typed before. */
function fieldsOf(action: ActionName, { row }: ShownPrompt, typed: URLSearchParams): Html {
  switch (action) {
    case 'promote':
      return promoteFields(row.source, typed.get('release') ?? '')
    case 'rollback':
      return choice('hold', 'Later releases', HOLD_LABELS, typed)
    case 'revoke':
      return choice('scope', 'Scope', SCOPE_LABELS, typed)
    case 'hold':
      return html`<p>Releases wait until somebody lifts the hold. The stable version stays.</p>`
    case 'unhold':
      return html`<p>The source is read again, and a waiting release takes effect.</p>`
    default:
      return action satisfies never
  }
}

function promoteFields(source: string | null, release: string): Html {
  const name = html`<div class="field"><label for="release">Release <span class="faint">(optional, such as 1.4.0)</span></label><input type="text" id="release" name="release" value="${release}" maxlength="128" spellcheck="false" autocomplete="off"></div>`
  if (source === null) return name
  return html`<p class="caution">The source “${source}” owns this prompt. Promoting it here freezes the prompt, so that the source does not undo it. Usually, a release tag is the better way.</p>
<input type="hidden" name="override" value="true">${name}`
}

const HOLD_LABELS: Readonly<Record<HoldChoice, string>> = {
  until_release: 'Wait until a higher release changes the text',
  until_lifted: 'Wait until somebody lifts the hold',
  none: 'Take effect as usual',
}

const SCOPE_LABELS: Readonly<Record<ScopeChoice, string>> = {
  content: 'Content: every version with this content, even if it is pushed again',
  version: 'Version: only this one, for example because of a wrong setting',
}

/** One of several values. The first one is chosen until somebody chooses another. */
function choice(
  name: string,
  legend: string,
  labels: Readonly<Record<string, string>>,
  typed: URLSearchParams,
): Html {
  const chosen = typed.get(name) ?? Object.keys(labels)[0]
  const options = Object.entries(labels).map(
    ([value, label]) =>
      html`<label class="option"><input type="radio" name="${name}" value="${value}"${value === chosen ? html` checked` : ''}> ${label}</label>`,
  )
  return html`<fieldset><legend>${legend}</legend>${options}</fieldset>`
}
