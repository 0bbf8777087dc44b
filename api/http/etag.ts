/** Strips the `W/` of a weak tag, which a weak comparison ignores. */
const OPAQUE_TAG = /"[^"]*"/g

/** Whether an `If-None-Match` header matches `tag`, by weak comparison (RFC 9110, 13.1.2). `*` matches any tag. */
export function matchesEntityTag(ifNoneMatch: string | null | undefined, tag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.match(OPAQUE_TAG)?.includes(tag) ?? false
}
