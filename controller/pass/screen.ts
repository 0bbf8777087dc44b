import type { FoundVersion, LookedUpPrompt } from '../../api/contract/registry-api.ts'
import type { SourceConfig } from '../configuration/config.ts'
import { PromptView } from '../plan/prompt-view.ts'
import type { DesiredVersion } from '../prompts/read-files.ts'
import { pathBeside } from '../prompts/sidecar-rules.ts'
import { wholeOf } from '../prompts/split-text.ts'
import type { UnsafeText } from '../prompts/text-safety.ts'
import { compileGlobs } from '../values/glob.ts'

/**
 * What becomes of a version. `kept_out`: its text is unsafe, so it is not pushed. `released`: its text is unsafe, but the
 * registry has released it. `safe`: nothing is unsafe in it, or the platform allows it.
 */
export type Screening = 'safe' | 'released' | 'kept_out'

const RELEASED: readonly FoundVersion['status'][] = ['stable', 'deprecated']

/**
 * Decides about versions with unsafe text. One that was released stays: agents may rely on it, and a newer detector must
 * not undo a release. `registry` has what the registry knows of these versions. Pure.
 */
export function createScreen(
  { allowUnsafeText }: Pick<SourceConfig, 'allowUnsafeText'>,
  registry: ReadonlyMap<string, LookedUpPrompt>,
): (version: DesiredVersion) => Screening {
  const isAllowed = compileGlobs(allowUnsafeText, { dot: true })
  return ({ id, path, identity, unsafe }) => {
    const isAllowedBeside = ({ beside }: UnsafeText) =>
      beside !== undefined && isAllowed(pathBeside(path, beside))
    if (isAllowed(wholeOf(path).whole) || unsafe.every(isAllowedBeside)) return 'safe'
    const known = new PromptView(registry.get(id)).version(identity)
    return known !== undefined && RELEASED.includes(known.status) ? 'released' : 'kept_out'
  }
}
