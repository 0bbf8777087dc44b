import { type Html, html } from './html.ts'

const UNITS = [
  ['y', 365 * 86_400],
  ['mo', 30 * 86_400],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** An age such as `3 d`. `at` and `now` are in milliseconds. */
export function ageText(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000)
  for (const [unit, size] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`
  return 'just now'
}

/** The age of a moment, with the exact time in its title. `iso` is ISO 8601. */
export function age(iso: string | null | undefined, now: number): Html {
  const at = Date.parse(iso ?? '')
  if (Number.isNaN(at)) return html`<span class="faint">unknown</span>`
  const exact = new Date(at).toISOString()
  return html`<time datetime="${exact}" title="${exactTime(exact)}">${ageText(at, now)}</time>`
}

/** `2026-01-31 12:00:00 UTC`. */
export function exactTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}
