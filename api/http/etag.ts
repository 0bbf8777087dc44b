import { hash } from 'node:crypto'

/** Without the `W/` before it, which a weak comparison leaves out. */
const OPAQUE_TAG = /"[^"]*"/g

/** A strong entity tag over a whole answer: any byte that differs changes it. */
export function entityTag(text: string): string {
  return `"${hash('sha256', text, 'base64url')}"`
}

/** Whether an `If-None-Match` header names `tag`, compared weakly as RFC 9110, 13.1.2 asks. `*` names any. */
export function matchesEntityTag(ifNoneMatch: string | null | undefined, tag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.match(OPAQUE_TAG)?.includes(tag) ?? false
}
