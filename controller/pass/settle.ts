import { type ErrorCode, RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { BatchOperation, PromptRow, RegistryApi } from '../../api/contract/registry-api.ts'
import { callOptions } from './pass-input.ts'
import { type CurrentMembers, readCurrentSet, registryReads } from './registry-reads.ts'

export interface SettleInput {
  readonly api: RegistryApi
  readonly source: { readonly name: string }
  /** The token of the source's lease. */
  readonly token: number
  readonly signal?: AbortSignal | undefined
}

/** Other writers may change prompts meanwhile; each round begins with what they left. */
const ROUNDS = 20
/** Another writer changed the prompt, so the next round decides anew. */
const AGAIN: readonly string[] = ['revision_conflict', 'busy']
/** The prompt cannot have the version of the set. The set then gets the version that the prompt serves. */
const IMPOSSIBLE: readonly string[] = ['revoked', 'not_found', 'gone', 'not_owner']

/**
 * Rolls the prompts of a source back to the set that it was rolled back to, and ends settling. Can be interrupted at
 * any point and repeated. Returns how many prompts it rolled back.
 */
export async function settle(input: SettleInput): Promise<number> {
  const { api, source, token, signal } = input
  // A pass may have promoted a newer release since the rollback, which the hold must cover.
  await api.rollbackSource(source.name, { lease_token: token }, callOptions(signal))
  const impossible = new Set<string>()
  let done = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { operations, ...seen } = await beginRound(input, impossible)
    if (operations.length === 0 && (await endsAt(input, seen))) return done
    for (let from = 0; from < operations.length; from += LIMITS.batch)
      done += await send(input, operations.slice(from, from + LIMITS.batch), impossible)
  }
  throw new RegistryError(
    'busy',
    `Too many concurrent changes of the prompts of the source "${source.name}"; try again in a moment.`,
  )
}

/** What a round begins with. */
interface SettlingRound {
  readonly operations: BatchOperation[]
  /** Of the set that the prompts follow; absent if the source has none. */
  readonly expected_sequence?: number
}

/**
 * The changes that the prompts still need. They are read before the set: a change by hand in between is in the set, and its
 * prompt is at another revision.
 */
async function beginRound(input: SettleInput, impossible: ReadonlySet<string>): Promise<SettlingRound> {
  const { rows } = await registryReads(input).owned()
  const current = await readCurrentSet(input)
  if (current === null || current === 'unsupported') return { operations: [] }
  const operations = [...rows.values()]
    .filter((row) => !impossible.has(row.prompt_id) && row.stable_identity !== identityIn(current, row))
    .map((row) => ({
      op: 'settle' as const,
      prompt_id: row.prompt_id,
      identity: identityIn(current, row),
      expected_revision: row.revision,
      source: input.source.name,
      lease_token: input.token,
      reason:
        current.reason ?? `the source was rolled back to ${current.release ?? current.set.slice(0, 12)}`,
    }))
  return { operations, expected_sequence: current.sequence }
}

/** Ends settling. Returns false if the source was rolled back again meanwhile, or somebody changed a prompt. */
async function endsAt(
  { api, source, token, signal }: SettleInput,
  seen: Omit<SettlingRound, 'operations'>,
): Promise<boolean> {
  try {
    await api.moveSet(source.name, { settled: true, lease_token: token, ...seen }, callOptions(signal))
    return true
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'revision_conflict') return false
    throw error
  }
}

function identityIn({ members }: CurrentMembers, { prompt_id }: PromptRow): string | null {
  return members.get(prompt_id) ?? null
}

async function send(
  { api, signal }: SettleInput,
  operations: BatchOperation[],
  impossible: Set<string>,
): Promise<number> {
  const { outcomes } = await api.batch({ operations }, callOptions(signal))
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.ok || AGAIN.includes(outcome.code)) continue
    if (!IMPOSSIBLE.includes(outcome.code)) throw new RegistryError(outcome.code as ErrorCode, outcome.error)
    impossible.add(operations[index]?.prompt_id ?? '')
  }
  return outcomes.filter(({ ok }) => ok).length
}
