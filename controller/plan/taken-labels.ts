import type { DesiredVersion } from '../prompts/read-files.ts'
import type { PromptView } from './prompt-view.ts'

/**
 * The versions whose label belongs to another version, as identity to identity. The lower release keeps a label,
 * and a draft never takes one from a release. `releases`: lowest first.
 */
export function takenLabels(
  releases: readonly DesiredVersion[],
  draft: DesiredVersion | undefined,
  view: PromptView,
): ReadonlyMap<string, string> {
  const claims = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const version of draft === undefined ? releases : [...releases, draft]) {
    if (view.isRevoked(version)) continue
    const name = view.nameOf(version)
    const by = view.takenBy(version)?.identity ?? claims.get(name)
    if (by !== undefined && by !== version.identity) taken.set(version.identity, by)
    else claims.set(name, version.identity)
  }
  return taken
}
