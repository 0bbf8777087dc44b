import type { DesiredRelease, PlanInput } from './plan-input.ts'
import { PromptView } from './prompt-view.ts'

type Releases = PlanInput['releases']

/**
 * A registry may have released a SKILL.md alone, before the other files of its folder belonged to it. Such a release
 * stays as it is. Pure.
 */
export function keepEarlierSkills(releases: Releases, registry: PlanInput['registry']): Releases {
  return new Map(
    [...releases].map(([id, released]) => {
      const hasFiles = released.some(({ aloneIdentity }) => aloneIdentity !== undefined)
      if (!hasFiles) return [id, released] as const
      const view = new PromptView(registry.get(id))
      return [id, released.map((release) => asReleased(release, view))] as const
    }),
  )
}

function asReleased(release: DesiredRelease, view: PromptView): DesiredRelease {
  const { aloneIdentity, files: _, ...alone } = release
  const known = view.named(release.release)
  if (known === undefined || known.identity !== aloneIdentity) return release
  const { identity, version, reading } = known
  return { ...alone, identity, version, payloadSha256: reading?.payload_sha256 ?? alone.payloadSha256 }
}
