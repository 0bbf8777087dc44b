import type { HoldDocument, RegistryApi } from '../../api/contract/registry-api.ts'

/** The hold after a write. An override freezes the prompt, and the answer does not include that hold. */
export async function holdAfter(
  api: RegistryApi,
  id: string,
  override: boolean | undefined,
): Promise<HoldDocument | null> {
  if (override !== true) return null
  const { prompts } = await api.list({ prefix: id, limit: 1 })
  return prompts.find((row) => row.prompt_id === id)?.hold ?? null
}
