import type { EventDocument } from '../../api/contract/registry-api.ts'
import { EMPTY, type Html, html, shown } from '../html.ts'
import { age } from '../time.ts'
import { promptLink } from './parts.ts'

const SENTENCES: Readonly<Record<EventDocument['type'], string>> = {
  owner_changed: 'Owner changed',
  version_pushed: 'Version pushed',
  version_restored: 'Version restored',
  latest_moved: 'Latest moved',
  alias_added: 'Release named',
  promoted: 'Promoted',
  release_raised: 'Release raised',
  rolled_back: 'Rolled back',
  revoked: 'Revoked',
  held: 'Held',
  hold_lifted: 'Hold lifted',
  archived: 'Archived',
  unarchived: 'No longer archived',
  retired: 'Retired',
  healed: 'Healed',
  deleted: 'Deleted',
  attested: 'Evidence posted',
}

export function eventLabel(type: EventDocument['type']): string {
  return SENTENCES[type] ?? type
}

export interface EventsTableOptions {
  readonly now: number
  readonly withPrompt: boolean
}

/** Events as a table, in the order given. */
export function eventsTable(events: readonly EventDocument[], { now, withPrompt }: EventsTableOptions): Html {
  return html`<div class="card"><table class="list">
<caption class="sr">Events</caption>
<thead><tr><th scope="col">Event</th>${withPrompt ? html`<th scope="col">Prompt</th>` : ''}<th scope="col">Change</th><th scope="col">Actor</th><th scope="col" class="end">When</th></tr></thead>
<tbody>${events.map(
    (event) => html`<tr>
<th scope="row"><span class="id">${eventLabel(event.type)}</span>${event.reason === null ? '' : html`<span class="note">${shown(event.reason.slice(0, 500))}</span>`}</th>
${withPrompt ? html`<td data-label="Prompt">${promptLink(event.prompt_id)}</td>` : ''}
<td data-label="Change">${change(event)}</td>
<td data-label="Actor">${shown(event.actor)}</td>
<td data-label="When" class="end">${age(event.at, now)}</td>
</tr>`,
  )}</tbody>
</table></div>`
}

function change({ from, to, details }: EventDocument): Html {
  const release = releaseIn(details)
  const versions =
    from === null && to === null
      ? EMPTY
      : html`<code>${from === null ? '' : html`${shown(from)} → `}${to === null ? 'none' : shown(to)}</code>`
  const target = details?.moved_to
  const moved = typeof target === 'string' ? html`moved to ${promptLink(target)}` : EMPTY
  return html`${release === null ? '' : html`<b>${shown(release)}</b> `}${versions}${moved}`
}

function releaseIn(details: EventDocument['details']): string | null {
  const { release, alias } = details ?? {}
  if (typeof release === 'string') return release
  return typeof alias === 'string' ? alias : null
}
