import type { RegistryApi, SummaryRow } from '../../api/contract/registry-api.ts'

/** The repository of a source, from the newest version of one of its prompts. At most one call. */
export async function repositoryOf(
  api: RegistryApi,
  own: readonly Pick<SummaryRow, 'prompt_id'>[],
): Promise<string | undefined> {
  const [row] = own
  if (row === undefined) return undefined
  const { versions } = await api.versions(row.prompt_id, { limit: 1 })
  return versions[0]?.origin?.repository
}
