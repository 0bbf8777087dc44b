import type { SummaryRow } from '../../api/contract/registry-api.ts'
import { commitLink } from '../commit-link.ts'
import { type Html, html, marked, shown } from '../html.ts'
import { newestTags } from '../reading/release-view.ts'
import { repositoryOf } from '../reading/source-repository.ts'
import { type SourceView, sourceView } from '../reading/source-view.ts'
import { age } from '../time.ts'
import { mayWrite } from '../viewer.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { facts, notice, numberText } from './parts.ts'
import { conditions, type FindingWeight, findings } from './source-findings.ts'
import { nextRelease, offRelease, passes, tagsCard } from './source-history.ts'
import { standingChip } from './sources.ts'
import { commitText } from './timeline.ts'

export interface SourcePageOptions {
  readonly classOf: (code: string) => FindingWeight
  readonly canLookAgain: boolean
}

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
  const repository = await repositoryOf(api, own)
  const title = document.name
  if (document.revision === 0 && own.length === 0)
    return {
      title,
      status: 404,
      body: html`<h1>${title}</h1>${notice('Nothing known', `The registry does not know a source "${title}". Check its name, or wait for its first pass.`)}`,
    }
  const body = html`${heading(source, visit, options)}
${queryOf(visit, 'done') === 'look' ? html`<p class="done" role="status">The controller looks at the repository now. The result appears here.</p>` : ''}
${summary(source, { own, repository }, visit.now)}
${findings(found.findings, visit, options.classOf, found.next_cursor)}
${conditions(source.state?.conditions ?? [], visit.now)}
${offRelease(own)}
${nextRelease(own)}
<div class="columns">${passes(source.state?.passes ?? [], visit.now)}${tagsCard(document.name, tags, repository)}</div>`
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

interface Known {
  readonly own: readonly SummaryRow[]
  readonly repository: string | undefined
}

function summary({ document, state, standing }: SourceView, { own, repository }: Known, now: number): Html {
  if (standing === 'hidden')
    return notice(
      'The state is hidden',
      'Your token sees no drafts. Use one with write access to see findings and passes.',
    )
  const { forgotten, lease } = document
  const fetched = state?.conditions.find(({ type }) => type === 'Fetched')
  const branch = /^The branch "([^"]+)"/.exec(fetched?.message ?? '')?.[1]
  return html`<section class="card body" aria-label="Summary">${facts([
    ['Repository', addressOf(repository)],
    ['Branch', branch === undefined ? null : shown(branch)],
    ['Commit', state?.watermark == null ? null : commitText({ repository, ...state.watermark })],
    ['Who reports on it', reportsLink(repository, state?.watermark?.commit)],
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

/** A path on the controller's machine says nothing to a visitor. */
function addressOf(repository: string | undefined): Html | null {
  return repository === undefined || /^(?:[./~]|file:)/.test(repository) ? null : shown(repository)
}

/** A registry does not know the others that follow its repository. The host of the commit shows all their statuses. */
function reportsLink(repository: string | undefined, commit: string | undefined): Html | null {
  const href = commitLink(repository, commit)
  return href === null
    ? null
    : html`<a href="${href}" rel="noreferrer noopener">Statuses of the commit on its host</a>`
}
