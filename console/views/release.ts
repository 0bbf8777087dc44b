import { RegistryError } from '../../api/contract/errors.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import { type ReleasedPrompt, type ReleaseView, releaseView } from '../reading/release-view.ts'
import { repositoryOf } from '../reading/source-repository.ts'
import { age } from '../time.ts'
import { type PageContent, queryOf, type Visit } from '../visit.ts'
import { chip, facts, person, promptHref, sourceLink, versionName } from './parts.ts'
import { commitText } from './timeline.ts'

export async function releasePage(visit: Visit): Promise<PageContent> {
  const tag = queryOf(visit, 'tag')
  const { rows } = await visit.knowledge.catalog.rows()
  const own = rows.filter(({ source }) => source === visit.name)
  const ids = own.map(({ prompt_id }) => prompt_id)
  const view = await releaseView(visit.viewer.api, visit.name, tag, ids)
  if (view === undefined)
    throw new RegistryError(
      'not_found',
      `The source "${visit.name}" has no release tag "${tag}". Look at its tags.`,
    )
  const repository = await repositoryOf(visit.viewer.api, own)
  const changed = view.prompts.filter(({ change }) => change !== 'unchanged')
  const unchanged = view.prompts.length - changed.length
  const body = html`<p class="crumbs"><a href="/console/sources">Sources</a> / ${sourceLink(visit.name)}</p>
<h1>Release ${view.release}</h1>
${summary(view, repository, visit)}
<section class="card"><h2>Changes <span class="faint">${String(changed.length)} changed or new, ${String(unchanged)} unchanged</span></h2>
${changed.length === 0 ? html`<p class="body">This release changed no prompt.</p>` : table(changed, view)}
${view.skipped > 0 ? html`<p class="foot">${String(view.skipped)} more prompts of this source were not compared.</p>` : ''}</section>`
  return { title: `Release ${view.release} of ${visit.name}`, body }
}

function summary(
  { entry, previous, event }: ReleaseView,
  repository: string | undefined,
  { now }: Visit,
): Html {
  const text = (name: string) => {
    const value = event?.details?.[name]
    return typeof value === 'string' ? value : null
  }
  const [tagger, signer, taggedAt] = [text('tagger'), text('signer'), text('tagged_at')]
  return html`<section class="card body" aria-label="Summary">${facts([
    ['Tag', shown(entry.tag)],
    ['Commit', commitText({ repository, commit: entry.commit })],
    ['Replaced', previous === null ? 'Nothing: the first release' : previous],
    [
      'Tagger',
      tagger === null
        ? null
        : html`${person(tagger)}${taggedAt === null ? '' : html`<span class="note">${age(taggedAt, now)}</span>`}`,
    ],
    ['Signer', signer === null ? 'No accepted signature' : shown(signer)],
    ['In the registry', event === null ? null : html`${age(event.at, now)} by ${shown(event.actor)}`],
  ])}</section>`
}

function table(changed: readonly ReleasedPrompt[], { release, previous }: ReleaseView): Html {
  return html`<table class="list">
<caption class="sr">Changed prompts</caption>
<thead><tr><th scope="col">Prompt</th><th scope="col">Change</th><th scope="col">Before</th><th scope="col">Version</th><th scope="col"><span class="sr">Changes</span></th></tr></thead>
<tbody>${changed.map(({ id, change, version, before }) => {
    const query = `from=${encodeURIComponent(before?.version ?? '')}&to=${encodeURIComponent(version.version)}`
    const link = before === null ? `tab=file&version=${encodeURIComponent(version.version)}` : query
    return html`<tr><th scope="row"><span class="id"><a href="${promptHref(id)}">${id}</a></span></th>
<td data-label="Change">${chip(change === 'new' ? 'info' : 'plain', change)}</td>
<td data-label="Before">${before === null ? EMPTY : versionName(previous, before.version)}</td>
<td data-label="Version">${versionName(release, version.version)}</td>
<td class="end"><a href="${promptHref(id, link)}">${before === null ? 'Text' : 'Changes'}<span class="sr"> of ${id}</span></a></td></tr>`
  })}</tbody></table>`
}
