import { dayOf, daysBefore } from '../contract/day.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { PromptUse } from '../contract/prompt-use.ts'
import { READS_DAYS } from '../contract/reads.ts'
import type { ReadsAnswer, ReadsQuery } from '../contract/registry-api.ts'
import { statusOf } from '../contract/release-line.ts'
import { versionNameKey } from '../contract/version-name.ts'
import type { ReadCount } from '../store/read-store.ts'
import { allPages } from './all-pages.ts'
import { findPrompt } from './find-prompt.ts'
import type { OperationContext } from './operation-context.ts'
import { visibilityOf, visibleSnapshot } from './visibility.ts'

/** Who read a prompt in the days that count as use; `null` if nobody did. Looks at the counts only. */
export async function useOfPrompt(context: OperationContext, id: PromptId): Promise<PromptUse | null> {
  const from = daysBefore(dayOf(context.now()), READS_DAYS.inUse - 1)
  const counts = await countsSince(context, id, from)
  if (counts.length === 0) return null
  const applications = new Set(readersOf(counts).map(({ application }) => application))
  return { reads: sum(counts), applications: [...applications] }
}

type ReaderRow = ReadsAnswer['readers'][number]

/** Who read a prompt in the last days. Throws `not_found`, `gone`. */
export async function readsOfPrompt(
  context: OperationContext,
  id: PromptId,
  { days = READS_DAYS.shown }: ReadsQuery = {},
): Promise<ReadsAnswer> {
  const { prompts, now } = context
  const { head } = visibleSnapshot(visibilityOf(context), id, await findPrompt(prompts, id))
  const to = dayOf(now())
  const from = daysBefore(to, days - 1)
  const counts = await countsSince(context, head.promptId, from)
  const labels = [...new Set(counts.map(({ version }) => version))]
  const { byName } = await prompts.find(id, { names: labels.map(versionNameKey) })
  const described = (label: string): Pick<ReaderRow, 'release' | 'status'> => {
    const version = byName.get(versionNameKey(label))
    if (version === undefined) return { release: null, status: null }
    return { release: version.release, status: statusOf(version, head.highest?.release ?? null) }
  }
  return {
    prompt_id: head.promptId,
    ...{ from, to, reads: sum(counts) },
    readers: readersOf(counts).map((reader) => ({ ...reader, ...described(reader.version) })),
    days: [...Map.groupBy(counts, ({ day }) => day)].map(([day, ofDay]) => ({ day, reads: sum(ofDay) })),
  }
}

/** Oldest day first. */
async function countsSince({ reads }: OperationContext, id: PromptId, from: string): Promise<ReadCount[]> {
  const counts: ReadCount[] = []
  for await (const count of allPages((cursor) => reads.list(id, { from, limit: 1000, cursor })))
    counts.push(count)
  return counts
}

function readersOf(counts: readonly ReadCount[]): Omit<ReaderRow, 'release' | 'status'>[] {
  const groups = Map.groupBy(counts, ({ application, version }) => `${application}#${version}`)
  return [...groups.values()]
    .flatMap((group) => {
      const [first, last] = [group[0], group.at(-1)]
      if (first === undefined || last === undefined) return []
      const { application, version } = first
      return { application, version, reads: sum(group), first_day: first.day, last_day: last.day }
    })
    .sort((a, b) => b.reads - a.reads || (a.application < b.application ? -1 : 1))
}

function sum(counts: readonly ReadCount[]): number {
  return counts.reduce((total, { reads }) => total + reads, 0)
}
