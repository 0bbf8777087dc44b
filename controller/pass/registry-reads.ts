import type { PromptRow, SourceDocument } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { callOptions, type PassInput } from './pass-input.ts'

/** What a pass reads of its source in the registry, page by page to the end. */

const PAGE = 1000

export async function readLedger(
  { api, source, signal }: PassInput,
  document: SourceDocument,
): Promise<[string, string][]> {
  if (document.ledger_length === 0) return []
  const page = (cursor: { readonly cursor?: string }) =>
    api.ledger(source.name, { limit: PAGE, ...cursor }, callOptions(signal))
  const entries = await Array.fromAsync(allPages(page, (answer) => answer.ledger))
  return entries.map(({ tag, commit }) => [tag, commit])
}

export async function readRows({ api, source, signal }: PassInput): Promise<ReadonlyMap<string, PromptRow>> {
  const page = (cursor: { readonly cursor?: string }) =>
    api.list({ source: source.name, limit: PAGE, ...cursor }, callOptions(signal))
  const rows = await Array.fromAsync(allPages(page, (answer) => answer.prompts))
  return new Map(rows.map((row) => [row.prompt_id, row]))
}
