import { RegistryError } from '../../contract/errors.ts'
import { type PromptId, promptIdProblem } from '../../contract/prompt-id.ts'
import type { PromptStore } from '../prompt-store.ts'
import type { Change, Head } from '../records.ts'
import { keyOf, row } from './keys.ts'
import { OF_VERSIONS } from './seeded.ts'
import type { Table } from './table.ts'

const AT_ONCE = 8

export interface AdoptOptions {
  /** Recorded as the actor of the events. */
  readonly actor: string
  /** Called after each prompt. */
  readonly onProgress?: (report: AdoptReport) => void
}

/** What became of the seeded prompts so far. */
export interface AdoptReport {
  readonly adopted: readonly PromptId[]
  /** Prompts and versions that cannot be adopted, each with a sentence that says why and what to do. */
  readonly refused: readonly { readonly promptId: string; readonly reason: string }[]
}

interface AdoptStorage {
  readonly prompts: PromptStore
  readonly table: Table
  readonly now: () => number
  readonly newId: () => string
}

/**
 * Walks through the table and makes every seeded prompt the registry's own, as the first write to it would. It may
 * be stopped and repeated at any time. Once all are adopted, lists no longer say that seeded prompts may exist.
 */
export async function adoptSeeded(storage: AdoptStorage, options: AdoptOptions): Promise<AdoptReport> {
  const { table } = storage
  const report = { adopted: [] as PromptId[], refused: [] as { promptId: string; reason: string }[] }
  const seen = new Set<string>()
  let whole = true
  for await (const { keys } of table.scan(NOT_OURS)) {
    const ids = [...new Set(keys.map((key) => key.prompt_key))].filter((id) => !seen.has(id))
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE)
      for (const id of some) seen.add(id)
      const outcomes = await Promise.all(some.map((id) => adoptOne(storage, options.actor, id)))
      for (const [index, outcome] of outcomes.entries()) {
        const promptId = some[index] ?? ''
        if (outcome === 'adopted') report.adopted.push(promptId)
        else if (outcome !== 'nothing') report.refused.push({ promptId, reason: outcome.reason })
        whole &&= typeof outcome === 'string' || outcome.listed
        options.onProgress?.(report)
      }
    }
  }
  await table.put([row(keyOf.adopted, { whole: { BOOL: whole }, at: { S: isoTime(storage.now()) } })])
  return report
}

/** Version rows that the registry did not write. */
const NOT_OURS = {
  expression: `${OF_VERSIONS.expression} AND attribute_not_exists(#record)`,
  values: OF_VERSIONS.values,
  names: { '#record': 'record' },
}

type Outcome = 'adopted' | 'nothing' | { readonly reason: string; readonly listed: boolean }

async function adoptOne(storage: AdoptStorage, actor: string, id: string): Promise<Outcome> {
  const problem = promptIdProblem(id)
  if (problem !== undefined) return { reason: problem, listed: false }
  try {
    const snapshot = await storage.prompts.snapshot(id)
    if (snapshot === undefined) return 'nothing'
    if (snapshot.head.revision > 0) return stray(id, snapshot.head)
    // Refused only where somebody else wrote to the prompt meanwhile, and that adopts it too.
    await storage.prompts.commit(adoptingChange(storage, actor, snapshot.head))
    return 'adopted'
  } catch (error) {
    if (error instanceof RegistryError && error.code !== 'busy')
      return { reason: error.message, listed: false }
    throw error
  }
}

function stray(id: string, head: Head): Outcome {
  if (head.promptId === id) {
    const reason = `The registry keeps "${id}" already, and something else has added versions to it since. Push their texts to have them, and delete those rows.`
    return { reason, listed: true }
  }
  const reason = `"${id}" differs from the prompt "${head.promptId}" only by case, so it cannot be one of its own; rename it.`
  return { reason, listed: false }
}

/** The first change of a seeded prompt where there is nothing else to change. */
function adoptingChange({ now, newId }: AdoptStorage, actor: string, head: Head): Change {
  const event = {
    id: newId(),
    sequence: 1,
    type: 'version_pushed' as const,
    at: isoTime(now()),
    actor,
    reason: 'Adopted as it was seeded.',
    from: null,
    to: head.latest,
    details: { adopted: head.versionCount },
  }
  return {
    promptId: head.promptId,
    expectedRevision: 0,
    head: { ...head, revision: 1 },
    versions: [],
    content: null,
    names: [],
    events: [event],
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
