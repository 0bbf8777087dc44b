import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi, ResolvedPrompt, ResolveQuery } from '../../api/contract/registry-api.ts'

/** A version, or the reason why the registry does not serve it. */
export type ServedVersion =
  | { readonly version: ResolvedPrompt; readonly problem: null }
  | { readonly version: null; readonly problem: string }

/** A version with its whole text. */
export type VersionText =
  | { readonly version: ResolvedPrompt; readonly text: string; readonly problem: null }
  | { readonly version: null; readonly text: null; readonly problem: string }

const NOT_SERVED = ['revoked', 'not_released', 'mode_not_allowed', 'text_missing']

/** The file of a version; for a version without a file, its content. `label` is a version name. */
export async function versionText(api: RegistryApi, id: string, label: string): Promise<VersionText> {
  const { version, problem } = await served(api, id, label, { front_matter: 'true', include: 'file' })
  if (version === null) return { version, text: null, problem }
  return { version, text: (version.front_matter ?? '') + version.content, problem }
}

/** A version with its messages and inputs, as the registry reads them. */
export async function versionMessages(api: RegistryApi, id: string, label: string): Promise<ServedVersion> {
  return await served(api, id, label, { include: 'messages' })
}

type ExtraQuery = Pick<ResolveQuery, 'front_matter' | 'include'>

async function served(
  api: RegistryApi,
  id: string,
  label: string,
  wanted: ExtraQuery,
): Promise<ServedVersion> {
  try {
    return { version: await resolved(api, `${id}@${label}`, wanted), problem: null }
  } catch (error) {
    if (!(error instanceof RegistryError && NOT_SERVED.includes(error.code))) throw error
    return { version: null, problem: error.message }
  }
}

/** In mode dev, which serves drafts, if the registry allows it. */
async function resolved(api: RegistryApi, reference: string, wanted: ExtraQuery): Promise<ResolvedPrompt> {
  try {
    return await api.resolve(reference, { mode: 'dev', ...wanted })
  } catch (error) {
    if (!(error instanceof RegistryError && error.code === 'mode_not_allowed')) throw error
    return await api.resolve(reference, wanted)
  }
}
