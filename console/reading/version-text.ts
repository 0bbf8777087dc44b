import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi, ResolvedPrompt } from '../../api/contract/registry-api.ts'

/** A version with its whole text, or the reason why the registry does not serve it. */
export type VersionText =
  | { readonly version: ResolvedPrompt; readonly text: string; readonly problem: null }
  | { readonly version: null; readonly text: null; readonly problem: string }

const NOT_SERVED = ['revoked', 'not_released', 'mode_not_allowed', 'text_missing']

/** The file of a version; for a version without a file, its content. `label` is a version name. */
export async function versionText(api: RegistryApi, id: string, label: string): Promise<VersionText> {
  try {
    const version = await resolved(api, `${id}@${label}`)
    return { version, text: (version.front_matter ?? '') + version.content, problem: null }
  } catch (error) {
    if (!(error instanceof RegistryError && NOT_SERVED.includes(error.code))) throw error
    return { version: null, text: null, problem: error.message }
  }
}

/** In mode dev, which serves drafts, if the registry allows it. */
async function resolved(api: RegistryApi, reference: string): Promise<ResolvedPrompt> {
  try {
    return await api.resolve(reference, { mode: 'dev', front_matter: 'true', include: 'file' })
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === 'mode_not_allowed')) throw error
    return await api.resolve(reference, { front_matter: 'true', include: 'file' })
  }
}
