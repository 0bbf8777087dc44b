import { RegistryError } from '../../api/contract/errors.ts'
import type { ListQuery, RegistryApi } from '../../api/contract/registry-api.ts'
import { didYouMean } from '../values/nearest.ts'

/** Enough to find a misspelt id without reading a large registry. */
const MOST_IDS = 1000

/** The error, with the id that the user most likely meant if the prompt was not found. */
export async function withSuggestion(error: unknown, api: RegistryApi): Promise<unknown> {
  if (!(error instanceof RegistryError) || error.code !== 'not_found') return error
  const { prompt_id: id } = error.details ?? {}
  if (typeof id !== 'string' || error.message.includes('did you mean')) return error
  const idsOf = async (query: ListQuery) => {
    const { prompts } = await api.list(query).catch(() => ({ prompts: [] }))
    return prompts.map(({ prompt_id }) => prompt_id)
  }
  // Then only the version was not found.
  if ((await idsOf({ prefix: id, limit: 1 })).includes(id)) return error
  const ids = await idsOf({ limit: MOST_IDS })
  const elsewhere = ids.find((one) => one.endsWith(`/${id}`) || id.endsWith(`/${one}`))
  const meant = elsewhere === undefined ? didYouMean(id, ids) : ` Did you mean "${elsewhere}"?`
  return new RegistryError(error.code, `${error.message}${meant}`, {
    cause: error,
    ...(error.details && { details: error.details }),
  })
}
