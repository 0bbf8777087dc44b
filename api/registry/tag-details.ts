import type { ReleaseTag } from '../contract/registry-api.ts'
import type { PromptEvent } from '../store/records.ts'

/** The event details of the tag behind a release. */
export function tagDetails(tag: ReleaseTag | undefined): NonNullable<PromptEvent['details']> {
  if (tag === undefined) return {}
  const { tag_object = null, tagger = null, tagged_at = null, signer = null, pull_request } = tag
  return {
    ...{ tag: tag.tag, tag_object, commit: tag.commit, tagger, tagged_at, signer },
    ...(pull_request !== undefined && { pull_request }),
  }
}
