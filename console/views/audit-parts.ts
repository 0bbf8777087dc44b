import { EMPTY, type Html, html } from '../html.ts'
import type { JournalEvents } from '../reading/journal.ts'

/** Pieces of the pages of the audit. */

const TABS = {
  events: ['/console/audit', 'Events'],
  releases: ['/console/audit/releases', 'Releases'],
} as const

export function auditTabs(current: keyof typeof TABS): Html {
  const links = Object.entries(TABS).map(
    ([name, [href, label]]) =>
      html`<li><a href="${href}"${name === current ? html` aria-current="page"` : ''}>${label}</a></li>`,
  )
  return html`<nav aria-label="Views of the audit"><ul class="tabs">${links}</ul></nav>`
}

/** Which events the journal leaves out. */
export function limits({ isCurrent, isWhole }: JournalEvents): Html {
  if (!isCurrent)
    return html`<p class="caution">The registry has more events than one page view reads. Reload to continue.</p>`
  if (!isWhole)
    return html`<p class="caution">Only the newest 50,000 events are shown. GET /events has all of them.</p>`
  return EMPTY
}
