import type { HoldDocument, PromptRow, SummaryRow, VersionRow } from '../../api/contract/registry-api.ts'
import type { Status } from '../../api/contract/version.ts'
import { EMPTY, type Html, html, marked, shown } from '../html.ts'

/** Pieces that several pages share. */

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain'

export function chip(tone: Tone, label: string, title = ''): Html {
  return html`<span class="chip ${tone}"${title === '' ? '' : html` title="${title}"`}>${marked(label)}</span>`
}

const STATUS_TONES: Readonly<Record<Status, Tone>> = {
  draft: 'info',
  stable: 'good',
  deprecated: 'plain',
  revoked: 'bad',
}

export function statusChip(status: Status): Html {
  return chip(STATUS_TONES[status], status)
}

export function holdChip(hold: HoldDocument | null): Html {
  if (hold === null) return EMPTY
  return hold.kind === 'until_lifted'
    ? chip('warn', 'frozen', 'Releases wait until the hold is lifted')
    : chip('warn', 'held', 'Releases wait for a higher release')
}

/** The chips of a prompt's state, most important first. */
export function promptChips(row: SummaryRow & Partial<Pick<PromptRow, 'deleted'>>): Html {
  return html`${row.deleted ? chip('bad', 'deleted') : ''}${row.retired === null ? '' : chip('warn', 'retired', `Removed by release ${row.retired}`)}${row.stable === null && row.retired === null && !row.deleted ? chip('plain', 'no release') : ''}${holdChip(row.hold)}${row.archived ? chip('plain', 'archived', 'Missing from its source') : ''}${hasDraft(row) ? chip('info', 'draft waits') : ''}${isQuiet(row) ? chip('good', 'released') : ''}`
}

function isQuiet(row: Parameters<typeof promptChips>[0]): boolean {
  return row.stable !== null && !row.deleted && row.hold === null && !row.archived && !hasDraft(row)
}

/** Whether the newest version has no release yet. */
export function hasDraft(row: SummaryRow): boolean {
  return row.latest_status === 'draft'
}

/** A version with its release first and its label second. */
export function versionName(release: string | null, label: string | null): Html {
  if (label === null) return html`<span class="faint">none</span>`
  const isSame = release === null || release === label
  return html`<span class="version">${isSame ? '' : html`<b>${marked(release)}</b> `}<code>${marked(label)}</code></span>`
}

/** The name of a version in a sentence: its release, else its label. */
export function nameOf(version: Pick<VersionRow, 'release' | 'version'>): string {
  return version.release ?? version.version
}

/** A whole number such as `10,000`. `toLocaleString` would load its tables, which takes longer than a page. */
export function numberText(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

export function promptLink(id: string): Html {
  return html`<a href="${promptHref(id)}">${id}</a>`
}

export function promptHref(id: string, query = ''): string {
  return `/console/prompts/${encodeId(id)}${query === '' ? '' : `?${query}`}`
}

export function encodeId(id: string): string {
  return id.split('/').map(encodeURIComponent).join('/')
}

/** A person as git names one, such as `Ada <ada@example.com>`. */
export function person(text: string): Html {
  const [, name = text, address = ''] = /^(.+?)\s*<([^<>]+)>$/.exec(text) ?? []
  return html`${shown(name)}${address === '' ? '' : html`<span class="note">${shown(address)}</span>`}`
}

export function sourceLink(name: string | null): Html {
  if (name === null) return html`<span class="faint">none</span>`
  return html`<a href="/console/sources/${encodeURIComponent(name)}">${name}</a>`
}

/** A box for an empty, refused or failed state. */
export function notice(heading: string, sentence: Html | string, more: Html = EMPTY): Html {
  return html`<section class="notice"><h2>${heading}</h2><p>${sentence}</p>${more}</section>`
}

/** Facts as a list of terms; empty values are left out. */
export function facts(rows: readonly (readonly [term: string, value: Html | string | null])[]): Html {
  const given = rows.filter(([, value]) => value !== null)
  return html`<dl class="facts">${given.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`
}

export function tagList(tags: readonly string[]): Html {
  if (tags.length === 0) return EMPTY
  return html`<ul class="tags" aria-label="Tags">${tags.map((tag) => html`<li>${shown(tag)}</li>`)}</ul>`
}

/**
 * Links to the pages of a list. `href` builds the URL of a page, counted from 1. Without `isAll`, there are more than
 * these pages.
 */
export function pager(page: number, pages: number, isAll: boolean, href: (page: number) => string): Html {
  if (pages <= 1) return EMPTY
  const step = (to: number, label: string) =>
    to < 1 || to > pages
      ? html`<span class="faint">${label}</span>`
      : html`<a href="${href(to)}">${label}</a>`
  return html`<nav class="pager" aria-label="Pages">${step(page - 1, 'Previous')}<span>Page ${String(page)} of ${String(pages)}${isAll ? '' : '+'}</span>${step(page + 1, 'Next')}</nav>`
}

/** The URL of this page with other query parameters; empty values are removed. */
export function withQuery(url: URL, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(url.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return `${url.pathname}${text === '' ? '' : `?${text}`}`
}
