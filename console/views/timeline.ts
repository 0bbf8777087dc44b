import type { VersionRow } from '../../api/contract/registry-api.ts'
import { commitLink } from '../commit-link.ts'
import { type Html, html, marked, shown } from '../html.ts'
import { age } from '../time.ts'
import { chip, promptHref, statusChip, versionName } from './parts.ts'

/** The versions of a prompt, newest first. */
export function timeline(
  id: string,
  versions: readonly VersionRow[],
  stable: string | null,
  now: number,
): Html {
  return html`<ol class="timeline">${versions.map((version) => entry(id, version, stable, now))}</ol>`
}

function entry(id: string, version: VersionRow, stable: string | null, now: number): Html {
  const { status, release, waiting, aliases, origin, created_at, released_at } = version
  const others = aliases.filter((alias) => alias !== release)
  const compare = stable !== null && stable !== version.version
  return html`<li class="${status}">
<div class="row"><a href="${promptHref(id, `tab=file&version=${encodeURIComponent(version.version)}`)}">${versionName(release, version.version)}</a>
${statusChip(status)}${waiting.map((one) => chip('warn', `${one} waits`))}
${others.length === 0 ? '' : html`<span class="faint">also ${shown(others.join(', '))}</span>`}
<span class="push faint">${released_at === null ? html`pushed ${age(created_at, now)}` : html`released ${age(released_at, now)}`}</span></div>
<div class="row note">${originText(origin)}
${compare ? html`<a class="push" href="${promptHref(id, `tab=changes&from=${encodeURIComponent(stable)}&to=${encodeURIComponent(version.version)}`)}">Compare<span class="sr"> ${release ?? version.version}</span> with stable</a>` : ''}</div>
</li>`
}

/** Commit, author and path of a version. */
export function originText(origin: VersionRow['origin']): Html {
  if (origin === null) return html`<span>Pushed without a repository</span>`
  return html`<span>${commitText(origin)}</span>${origin.author === undefined ? '' : html` <span>by ${shown(authorName(origin.author))}</span>`}${origin.path === undefined ? '' : html` <code>${shown(origin.path)}</code>`}`
}

type CommitPlace = Pick<NonNullable<VersionRow['origin']>, 'repository' | 'commit'>

/** The commit, linked to its host if the host is known. */
export function commitText({ repository, commit }: CommitPlace): Html {
  if (commit === undefined) return html`<span class="faint">no commit</span>`
  const href = commitLink(repository, commit)
  const short = html`<code>${marked(commit.slice(0, 12))}</code>`
  return html`<span class="sr">Commit </span>${href === null ? short : html`<a href="${href}" rel="noreferrer noopener">${short}</a>`}`
}

/** `Ada` of `Ada <ada@example.com>`. */
function authorName(author: string): string {
  return author.replace(/\s*<[^>]*>\s*$/, '') || author
}
