import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { didYouMean } from '../values/nearest.ts'

/** Enough to find a misspelt id without reading a large registry. */
const MOST_IDS = 1000

/** The error, with the id that the user most likely meant if the prompt was not found. */
export async function withSuggestion(error: unknown, api: RegistryApi): Promise<unknown> {
  if (!(error instanceof RegistryError) || error.code !== 'not_found') return error
  const { prompt_id: id, version } = error.details ?? {}
  if (typeof id !== 'string' || version !== undefined || error.message.includes('did you mean')) return error
  const prompts = await api.list({ limit: MOST_IDS }).catch(() => ({ prompts: [] }))
  const meant = didYouMean(
    id,
    prompts.prompts.map(({ prompt_id }) => prompt_id),
  )
  return new RegistryError(error.code, `${error.message}${meant}`, {
    cause: error,
    ...(error.details && { details: error.details }),
  })
}
