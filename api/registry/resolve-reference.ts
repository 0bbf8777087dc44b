import { type Mode, seesDrafts } from '../contract/mode.ts'
import type { ResolvedPrompt, ResolveQuery } from '../contract/registry-api.ts'
import { type ChosenVersion, chosenVersion } from './chosen-version.ts'
import { resolvedPrompt } from './documents.ts'
import { filesOf } from './folder-file.ts'
import type { OperationContext } from './operation-context.ts'
import type { ServedSets } from './served-sets.ts'
import { type IsSettling, settlingSources } from './settling-sources.ts'
import { visibleHead } from './visibility.ts'

/** What to add to a resolved prompt. */
export interface Wants {
  readonly frontMatter: boolean
  readonly file: boolean
  readonly messages: boolean
}

export function wantsOf(include: readonly string[] = [], frontMatter = false): Wants {
  return { frontMatter, file: include.includes('file'), messages: include.includes('messages') }
}

/** Resolves a reference. Throws as `chosenVersion`, and `text_missing`. */
export async function resolveReference(
  context: OperationContext,
  text: string,
  mode: Mode,
  wants: Wants,
  query: ResolveQuery = {},
  { sets = null, isSettling = settlingSources(context.sets) }: RequestSets = {},
): Promise<ResolvedPrompt> {
  const chosen = await chosenVersion(context, text, mode, query, sets)
  const [resolved, settling] = await Promise.all([
    resolveChosen(context, chosen, wants),
    followsItsSource(chosen, mode) && isSettling(chosen.head.owner),
  ])
  return settling ? { ...resolved, settling } : resolved
}

/** Shared by the answers of one request. */
interface RequestSets {
  readonly sets?: ServedSets | null
  readonly isSettling?: IsSettling
}

/** Whether a rollback of the source changes the version, later than its set. */
function followsItsSource({ isPinned, set }: ChosenVersion, mode: Mode): boolean {
  return !isPinned && set === undefined && !seesDrafts(mode)
}

async function resolveChosen(
  context: OperationContext,
  { head, version, isPinned, set }: ChosenVersion,
  wants: Wants,
): Promise<ResolvedPrompt> {
  const { prompts } = context
  const id = head.promptId
  const content = await prompts.content(id, version)
  const reading = await context.readings.of(version, content)
  const shown = await visibleHead(context, head)
  const resolved = resolvedPrompt(shown, version, content, reading, isPinned)
  const needsFile = (wants.frontMatter || wants.file) && version.fileSha256 !== null
  const front_matter = needsFile ? await prompts.frontMatter(id, version) : null
  const files = wants.file ? await filesOf(prompts, id, version) : null
  return {
    ...resolved,
    ...(set !== undefined && { set }),
    ...(wants.frontMatter && { front_matter }),
    ...(wants.file && {
      file: front_matter === null ? null : front_matter + content,
      additions: version.additions as ResolvedPrompt['additions'],
      sidecars: version.sidecars ?? null,
      files: files && [...files],
    }),
    ...(wants.messages && {
      messages: reading.messages as ResolvedPrompt['messages'],
      template: reading.template,
      reading_problem: reading.readingProblem,
    }),
  }
}
