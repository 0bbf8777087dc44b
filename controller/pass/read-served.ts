import { AuditTrail } from '../../api/contract/audit/audit-trail.ts'
import { eachAtOnce } from '../../api/contract/each-at-once.ts'
import { READS_DAYS } from '../../api/contract/reads.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { allPages } from '../../client/pages.ts'
import type { FoundEvidence, ServedThere } from '../evidence/evidence.ts'
import type { DesiredRelease } from '../plan/plan-input.ts'
import { compileGlobs } from '../values/glob.ts'
import { callOptions, type PassInput } from './pass-input.ts'

export interface ServedInput {
  /** The registry of the other environment. */
  readonly api: Pick<RegistryApi, 'lookup' | 'events' | 'reads'>
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal?: AbortSignal | undefined
}

/** Adds how the versions of releases served in the environment that the source promotes from. */
export async function withServed(
  { source, promotesFrom: api, now, signal }: Pick<PassInput, 'source' | 'promotesFrom' | 'now' | 'signal'>,
  gated: readonly DesiredRelease[],
  found: FoundEvidence,
): Promise<FoundEvidence> {
  const { promotesFrom } = source
  if (promotesFrom === undefined || api === undefined) return found
  const isFor = compileGlobs(promotesFrom.prompts, { dot: true })
  const asked = gated.filter(({ id }) => isFor(id))
  return { ...found, served: await readServed({ api, now: now(), signal }, asked) }
}

/**
 * Reads how the versions of releases served in another environment, by prompt id. What cannot be read is part of the
 * result, so that only its releases wait.
 */
export async function readServed(
  input: ServedInput,
  gated: readonly DesiredRelease[],
): Promise<NonNullable<FoundEvidence['served']>> {
  const served = new Map<string, ServedThere | { readonly unreadable: string }>()
  await eachAtOnce(CONCURRENCY, gated, async (release) => {
    const there = await servedThere(input, release).catch((error: unknown) => {
      input.signal?.throwIfAborted()
      return { unreadable: error instanceof Error ? error.message : String(error) }
    })
    served.set(release.id, there)
  })
  return served
}

/** Releases that are asked for at a time. */
const CONCURRENCY = 4

const NEVER: ServedThere = { servedMs: null, reads: 0, withdrawn: null }
const PAGE = 1000

async function servedThere(
  { api, now, signal }: ServedInput,
  { id, identity }: DesiredRelease,
): Promise<ServedThere> {
  const options = callOptions(signal)
  const { prompts } = await api.lookup({ prompts: [{ prompt_id: id, identities: [identity] }] }, options)
  const [found] = prompts
  if (found?.problem != null) throw new Error(found.problem.error)
  const label = found?.versions.find((version) => version.identity === identity)?.version
  if (label === undefined) return NEVER
  const page = (cursor: { readonly cursor?: string }) => api.events(id, { limit: PAGE, ...cursor }, options)
  const events = await Array.fromAsync(allPages(page, (answer) => answer.events))
  const trail = new AuditTrail('')
  for (const event of events.reverse()) trail.add(event)
  const stays = trail.rows().filter(({ version }) => version === label)
  const last = stays.at(-1)
  if (last === undefined) return NEVER
  const { readers } = await api.reads(id, { days: READS_DAYS.kept }, options)
  const act = last.stopped?.act ?? null
  return {
    servedMs: stays.reduce((sum, stay) => sum + lengthOf(stay, now), 0),
    reads: readers.reduce((sum, { version, reads }) => sum + (version === label ? reads : 0), 0),
    withdrawn: act === null || act === 'promoted' ? null : act,
  }
}

/** 0 if the version began to serve before the first event. */
function lengthOf(
  {
    served_from,
    served_until,
  }: { readonly served_from: string | null; readonly served_until: string | null },
  now: number,
): number {
  if (served_from === null) return 0
  return Math.max(0, (served_until === null ? now : Date.parse(served_until)) - Date.parse(served_from))
}
