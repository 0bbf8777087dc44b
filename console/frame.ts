import { visible } from '../api/contract/visible-text.ts'
import { type Html, html } from './html.ts'
import type { PageContent } from './visit.ts'

/** The contents of the frame around a page. */
export interface FrameParts {
  /** The registry that the console shows, such as its address. */
  readonly where: string
  readonly path: string
  /** `null` before signing in. */
  readonly person: { readonly actor: string | null; readonly canSignOut: boolean } | null
  readonly formToken: string
  /** Suffix of the asset URLs, which changes with their content. */
  readonly assets: string
  /** Milliseconds between two checks for changes. */
  readonly refreshMs: number
}

const SECTIONS = [
  ['/console', 'Prompts', /^\/console\/?$|^\/console\/(?:prompts|act)\b/],
  ['/console/sources', 'Sources', /^\/console\/sources\b/],
  ['/console/audit', 'Audit', /^\/console\/audit\b/],
] as const

/** The whole document. */
export function frame({ title, body, isLive = true }: PageContent, parts: FrameParts): Html {
  const { assets, refreshMs, person } = parts
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${visible(title)} · Prompt Registry</title>
<link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console/assets/console.css?v=${assets}">
<script src="/console/assets/console.js?v=${assets}" defer></script>
</head>
<body${isLive && person !== null ? html` data-refresh="${String(refreshMs)}"` : ''}>
<a class="skip" href="#main">Skip to content</a>
${header(parts)}
<main id="main" tabindex="-1">
${body}
</main>
<div id="live" role="status"></div>
</body>
</html>
`
}

function header({ where, path, person, formToken }: FrameParts): Html {
  return html`<header class="top">
<a class="brand" href="/console"><img src="/console/assets/icon.svg" alt="" width="20" height="20">Prompt Registry</a>
${person === null ? '' : html`<nav aria-label="Main"><ul>${SECTIONS.map(([href, label, pattern]) => link(href, label, pattern.test(path)))}</ul></nav>`}
<div class="who">
<span class="where" title="${where}">${where}</span>
${person?.actor ? html`<span class="actor"><span class="sr">Signed in as </span>${person.actor}</span>` : ''}
${person?.canSignOut ? html`<form method="post" action="/console/sign-out"><input type="hidden" name="form" value="${formToken}"><button class="quiet">Sign out</button></form>` : ''}
</div>
</header>`
}

function link(href: string, label: string, isCurrent: boolean): Html {
  return html`<li><a href="${href}"${isCurrent ? html` aria-current="page"` : ''}>${label}</a></li>`
}
