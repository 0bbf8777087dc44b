import { RegistryError } from '../../contract/errors.ts'
import { type PromptId, promptIdProblem } from '../../contract/prompt-id.ts'
import type { AtomicChange } from '../atomic-change.ts'
import type { PromptStore } from '../prompt-store.ts'
import type { Head, VersionRecord } from '../records.ts'
import { keyOf, row } from './keys.ts'
import { OF_VERSIONS, type SeededPrompts } from './seeded.ts'
import type { Table } from './table.ts'

const AT_ONCE = 8

export interface AdoptOptions {
  /** Recorded as the actor of the events. */
  readonly actor: string
  /** Called after each prompt. */
  readonly onProgress?: (report: AdoptReport) => void
  /** true: writes nothing, and reports what would be adopted and refused. */
  readonly dryRun?: boolean
}

/** Progress of an adoption. */
export interface AdoptReport {
  readonly adopted: readonly PromptId[]
  /** Prompts and versions that cannot be adopted, with the reason and the next step. */
  readonly refused: readonly { readonly promptId: string; readonly reason: string }[]
}

interface AdoptStorage {
  readonly prompts: PromptStore
  readonly table: Table
  readonly seeded: SeededPrompts
  readonly now: () => number
  readonly newId: () => string
}

/**
 * Scans the table and adopts every seeded prompt, as its first write would. Can be interrupted and repeated at any
 * time. Once all are adopted, lists no longer report that seeded prompts may exist.
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
      const outcomes = await Promise.all(some.map((id) => adoptOne(storage, options, id)))
      for (const [index, outcome] of outcomes.entries()) {
        const promptId = some[index] ?? ''
        if (outcome === 'adopted') report.adopted.push(promptId)
        else if (outcome !== 'nothing') report.refused.push({ promptId, reason: outcome.reason })
        whole &&= typeof outcome === 'string' || outcome.listed
        options.onProgress?.(report)
      }
    }
  }
  if (options.dryRun === true) return report
  await table.put([row(keyOf.adopted, { whole: { BOOL: whole }, at: { S: isoTime(storage.now()) } })])
  return report
}

/** Version rows that the registry did not write. */
export const NOT_OURS = {
  expression: `${OF_VERSIONS.expression} AND attribute_not_exists(#record)`,
  values: OF_VERSIONS.values,
  names: { '#record': 'record' },
}

type AdoptionOutcome = 'adopted' | 'nothing' | { readonly reason: string; readonly listed: boolean }

async function adoptOne(
  storage: AdoptStorage,
  { actor, dryRun }: AdoptOptions,
  id: string,
): Promise<AdoptionOutcome> {
  const problem = promptIdProblem(id)
  if (problem !== undefined) return { reason: problem, listed: false }
  try {
    const snapshot = await storage.prompts.snapshot(id)
    if (snapshot === undefined) return 'nothing'
    const { head } = snapshot
    if (head.promptId !== id) return otherCase(id, head)
    const strays = head.revision === 0 ? [] : await straysOf(storage, id)
    // Fails only if another process changed the prompt meanwhile; the next scan handles the rest.
    const change = adoptingChange(storage, actor, head, strays)
    if (dryRun !== true) await storage.prompts.commit(change)
    return 'adopted'
  } catch (error) {
    if (error instanceof RegistryError && error.code !== 'busy')
      return { reason: error.message, listed: false }
    throw error
  }
}

/** Versions that another program added to an adopted prompt. */
async function straysOf({ seeded }: AdoptStorage, id: PromptId): Promise<VersionRecord[]> {
  return await seeded.records(id, await seeded.strays(id))
}

function otherCase(id: string, head: Head): AdoptionOutcome {
  const reason = `"${id}" differs from the prompt "${head.promptId}" only by case or by similar characters; rename one of them.`
  return { reason, listed: false }
}

/** A change that only adopts a seeded prompt, or only takes over versions that were added to it. */
function adoptingChange(
  { now, newId }: AdoptStorage,
  actor: string,
  head: Head,
  strays: readonly VersionRecord[],
): AtomicChange {
  const sequence = head.revision + 1
  const adopted = strays.length === 0 ? head.versionCount : strays.length
  const event = {
    id: newId(),
    prompt_id: head.promptId,
    sequence,
    type: 'version_pushed' as const,
    at: isoTime(now()),
    actor,
    reason: 'Adopted from seeded rows.',
    from: null,
    to: strays.at(-1)?.version ?? head.latest,
    details: { adopted },
  }
  return {
    promptId: head.promptId,
    expectedRevision: head.revision,
    head: { ...head, revision: sequence },
    versions: strays,
    content: null,
    names: [],
    events: [event],
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
