import type { ReleaseTag } from '../contract/registry-api.ts'

/** The event details of the tag behind a release. */
export function tagDetails(tag: ReleaseTag | undefined): Record<string, string | null> {
  if (tag === undefined) return {}
  const { tag_object = null, tagger = null, tagged_at = null, signer = null } = tag
  return { tag: tag.tag, tag_object, commit: tag.commit, tagger, tagged_at, signer }
}
