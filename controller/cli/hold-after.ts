import type { HoldDocument, RegistryApi } from '../../api/contract/registry-api.ts'
import type { DryRunOptions } from './dry-run.ts'

/** The hold after a write. An override freezes the prompt, and the answer does not include that hold. */
export async function holdAfter(
  api: RegistryApi,
  id: string,
  { override, dryRun }: DryRunOptions & { readonly override?: boolean },
): Promise<Pick<HoldDocument, 'kind'> | null> {
  if (override !== true) return null
  const { prompts } = await api.list({ prefix: id, limit: 1 })
  const row = prompts.find((one) => one.prompt_id === id)
  if (dryRun === true && row !== undefined && row.source !== null) return { kind: 'until_lifted' }
  return row?.hold ?? null
}
