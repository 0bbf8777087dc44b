import type { HoldDocument, RegistryApi } from '../../api/contract/registry-api.ts'

/** The hold that a write left behind: an override freezes the prompt, which the answers do not tell. */
export async function holdAfter(
  api: RegistryApi,
  id: string,
  override: boolean | undefined,
): Promise<HoldDocument | null> {
  if (override !== true) return null
  const { prompts } = await api.list({ prefix: id, limit: 1 })
  return prompts.find((row) => row.prompt_id === id)?.hold ?? null
}
