import { RegistryError } from '../../../api/contract/errors.ts'
import type { FindingDocument, PromptRow, RegistryApi } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { allPages } from '../../../client/pages.ts'
import { TEXTS } from './texts.ts'

/** All data to compare, read completely. */

export const SOURCE = 'demo'

export async function rowsOf(api: RegistryApi): Promise<Map<string, PromptRow>> {
  const rows = await Array.fromAsync(
    allPages(
      (page) => api.list({ limit: 1000, ...page }),
      (answer) => answer.prompts,
    ),
  )
  return new Map(rows.map((row) => [row.prompt_id, row]))
}

/** The commit at which each tag first counted. */
export async function ledgerOf(api: RegistryApi): Promise<Map<string, string>> {
  const entries = await Array.fromAsync(
    allPages(
      (page) => api.ledger(SOURCE, { limit: 1000, ...page }),
      (answer) => answer.ledger,
    ),
  )
  return new Map(entries.map(({ tag, commit }) => [tag, commit]))
}

/** Labels of versions that the prompt can no longer have, because a person revoked them or their content. */
export async function revokedLabels(api: RegistryApi, id: string): Promise<Set<string>> {
  const texts = Object.values(TEXTS).flatMap(({ version }) => version ?? [])
  const contents = texts.map(({ content }) => sha256(content))
  const { prompts } = await api.lookup({ prompts: [{ prompt_id: id, contents: [...new Set(contents)] }] })
  const gone = new Set(prompts[0]?.revoked_contents)
  const { versions } = await api.versions(id)
  const revoked = versions.filter(({ status }) => status === 'revoked').map(({ version }) => version)
  return new Set([
    ...revoked,
    ...texts.filter(({ content }) => gone.has(sha256(content))).map(({ label }) => label),
  ])
}

/** The label that a reader of drafts gets, or the error code. */
export async function labelAt(api: RegistryApi, reference: string): Promise<string> {
  try {
    return (await api.resolve(reference, { mode: 'dev' })).version
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

/** The label of each name. */
export async function namesOf(
  api: RegistryApi,
  id: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { prompts } = await api.lookup({ prompts: [{ prompt_id: id, names: [...names] }] })
  return new Map(Object.entries(prompts[0]?.names ?? {}).map(([name, { version }]) => [name, version]))
}

/** All findings of the source. */
export async function findingsOf(api: RegistryApi): Promise<FindingDocument[]> {
  return await Array.fromAsync(
    allPages(
      (page) => api.findings(SOURCE, { limit: 1000, ...page }),
      (answer) => answer.findings,
    ),
  )
}
