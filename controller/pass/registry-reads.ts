import { eachAtOnce } from '../../api/contract/each-at-once.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import type { PromptUse } from '../../api/contract/prompt-use.ts'
import type {
  CurrentSet,
  LookedUpPrompt,
  PromptRow,
  SourceDocument,
} from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import { type Finding, isFindingCode, type NewFinding } from '../findings/finding.ts'
import { sortedFindings } from '../findings/findings.ts'
import type { Members, StandingSet } from '../plan/planned-set.ts'
import { type Lookup, lookupRequests, merged } from './look-up.ts'
import { callOptions, type PassInput } from './pass-input.ts'
import { readUse } from './read-use.ts'

/** Reads a source's data from the registry, across all pages. */

const PAGE = 1000
/** Concurrent lookups. */
const CONCURRENCY = 4

type ReadsInput = Pick<PassInput, 'api' | 'signal'> & { readonly source: { readonly name: string } }
type Cursor = { readonly cursor?: string }

/** The prompts that the source owns. */
export interface OwnedRows {
  readonly rows: ReadonlyMap<string, PromptRow>
  /** Findings about rows that are not listed. */
  readonly findings: readonly NewFinding[]
}

export interface RegistryReads {
  owned(): Promise<OwnedRows>
  /** Results by requested id. */
  lookUp(lookups: readonly Lookup[]): Promise<ReadonlyMap<string, LookedUpPrompt>>
  /** Those of the prompts that somebody read in the last days, by id. */
  use(ids: readonly string[]): Promise<ReadonlyMap<string, PromptUse>>
  /** The source's set beside what its prompts serve. `null` if the registry has no sets. */
  set(owned: OwnedRows | null): Promise<StandingSet | null>
}

export function registryReads(input: ReadsInput): RegistryReads {
  return {
    owned: () => readOwned(input),
    lookUp: (lookups) => lookUpAll(input, lookups),
    use: (ids) => readUse(input, ids),
    set: async (owned) => await readStandingSet(input, owned ?? (await readOwned(input))),
  }
}

/** The commit at which each tag first counted, in that order. */
export async function readLedger(
  { api, source, signal }: ReadsInput,
  document: SourceDocument,
): Promise<ReadonlyMap<string, string>> {
  if (document.ledger_length === 0) return new Map()
  const page = (cursor: Cursor) => api.ledger(source.name, { limit: PAGE, ...cursor }, callOptions(signal))
  const entries = await Array.fromAsync(allPages(page, (answer) => answer.ledger))
  return new Map(entries.map(({ tag, commit }) => [tag, commit]))
}

/** The source's findings, most severe first, without codes that this version does not know. */
export async function readFindings({ api, source, signal }: ReadsInput): Promise<Finding[]> {
  const page = (cursor: Cursor) => api.findings(source.name, { limit: PAGE, ...cursor }, callOptions(signal))
  const findings = await Array.fromAsync(allPages(page, (answer) => answer.findings))
  return sortedFindings(
    findings.flatMap((finding) => (isFindingCode(finding.code) ? [{ ...finding, code: finding.code }] : [])),
  )
}

async function readOwned({ api, source, signal }: ReadsInput): Promise<OwnedRows> {
  const findings: NewFinding[] = []
  const page = async (cursor: Cursor) => {
    const answer = await api.list({ source: source.name, limit: PAGE, ...cursor }, callOptions(signal))
    findings.push(...(answer.unreadable ?? []).map(skippedRow))
    if (answer.unadopted === true) findings.push(UNADOPTED)
    return answer
  }
  const rows = await Array.fromAsync(allPages(page, (answer) => answer.prompts))
  return { rows: new Map(rows.map((row) => [row.prompt_id, row])), findings }
}

async function readStandingSet(input: ReadsInput, { rows }: OwnedRows): Promise<StandingSet | null> {
  const current = await readCurrentSet(input)
  if (current === 'unsupported') return null
  const { members, release = null, settling = false } = current ?? { members: null }
  const stable = [...rows].flatMap(([id, { stable_identity }]) =>
    stable_identity == null ? [] : [[id, stable_identity] as const],
  )
  // While the source settles, its prompts go back to the set.
  return { members, release, served: settling && members !== null ? members : new Map(stable) }
}

export type CurrentMembers = CurrentSet & { readonly members: Members }

/** `null` before the first complete pass; `unsupported` by older registries. */
export async function readCurrentSet({
  api,
  source,
  signal,
}: ReadsInput): Promise<CurrentMembers | 'unsupported' | null> {
  try {
    const current = await api.currentSet(source.name, {}, callOptions(signal))
    const { members } = await api.releaseSet(current.set, callOptions(signal))
    return { ...current, members: new Map(Object.entries(members)) }
  } catch (error) {
    const code = error instanceof RegistryError ? error.code : null
    if (code === 'no_set') return null
    if (code === 'route_not_found') return 'unsupported' as const
    throw error
  }
}

function skippedRow({ row, problem }: { readonly row: string; readonly problem: string }): NewFinding {
  return { code: 'row_skipped', subject: { kind: 'row', name: row }, message: problem }
}

const UNADOPTED: NewFinding = {
  code: 'prompts_unadopted',
  subject: { kind: 'repository', name: '' },
  message:
    'The table has prompts that were written outside the registry and are not listed. Run: promptctl adopt',
}

async function lookUpAll(
  { api, signal }: ReadsInput,
  lookups: readonly Lookup[],
): Promise<ReadonlyMap<string, LookedUpPrompt>> {
  const found = new Map<string, LookedUpPrompt>()
  await eachAtOnce(CONCURRENCY, lookupRequests(lookups), async (request) => {
    const { prompts } = await api.lookup(request, callOptions(signal))
    for (const [index, { prompt_id: id }] of request.prompts.entries()) {
      const answer = prompts[index]
      if (answer !== undefined) found.set(id, merged(found.get(id), answer))
    }
  })
  return found
}
