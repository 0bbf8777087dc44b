import { RegistryError } from '../../../api/contract/errors.ts'
import type { PromptRow, RegistryApi } from '../../../api/contract/registry-api.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { allPages } from '../../../client/pages.ts'
import { TEXTS } from './texts.ts'

/** What is there to be compared, read to the end. */

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

/** By tag, the commit at which it first counted. */
export async function ledgerOf(api: RegistryApi): Promise<Map<string, string>> {
  const entries = await Array.fromAsync(
    allPages(
      (page) => api.ledger(SOURCE, { limit: 1000, ...page }),
      (answer) => answer.ledger,
    ),
  )
  return new Map(entries.map(({ tag, commit }) => [tag, commit]))
}

/** Labels whose text a person revoked for this prompt, also of versions that it does not have. */
export async function revokedLabels(api: RegistryApi, id: string): Promise<Set<string>> {
  const { versions } = await api.versions(id)
  const revoked = new Set(
    versions.filter(({ status }) => status === 'revoked').map((version) => version.content_sha256),
  )
  const texts = Object.values(TEXTS).flatMap(({ version }) => version ?? [])
  return new Set(texts.filter(({ content }) => revoked.has(sha256(content))).map(({ label }) => label))
}

/** The label that a reader of drafts gets, or the code of the refusal. */
export async function labelAt(api: RegistryApi, reference: string): Promise<string> {
  try {
    return (await api.resolve(reference, { mode: 'dev' })).version
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}
