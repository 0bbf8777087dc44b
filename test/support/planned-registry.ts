import type { PromptRow } from '../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../api/contract/release.ts'
import type { Change, Plan } from '../../controller/plan.ts'

interface Prompt {
  readonly versions: Map<string, 'draft' | 'stable' | 'deprecated'>
  readonly names: Map<string, string>
  stable: string | null
  latest: string | null
  highest: { readonly release: string; readonly label: string } | null
  hold: 'until_lifted' | null
  description: string | null
  tags: readonly string[]
}

/** As much of a registry as a plan can tell, in memory: what the changes of a plan lead to. */
export interface PlannedRegistry {
  /** What carrying the plan out changed, one text for each change that was not there already. */
  carryOut(plan: Pick<Plan, 'current' | 'backfill'>): string[]
  rows(): Map<string, PromptRow>
  hold(id: string, held: boolean): void
  readonly prompts: ReadonlyMap<string, Prompt>
}

export function createPlannedRegistry(): PlannedRegistry {
  const prompts = new Map<string, Prompt>()
  return {
    prompts,
    carryOut: ({ current, backfill }) =>
      [...current, ...backfill].flatMap(({ changes }) =>
        changes.flatMap((change) => carryOut(prompts, change)),
      ),
    rows: () => new Map([...prompts].map(([id, prompt]) => [id, rowOf(id, prompt)])),
    hold(id, held) {
      const prompt = prompts.get(id)
      if (prompt !== undefined) prompt.hold = held ? 'until_lifted' : null
    },
  }
}

function carryOut(prompts: Map<string, Prompt>, change: Change): string[] {
  if (change.do === 'push') return push(prompts, change)
  const prompt = prompts.get(change.id)
  if (prompt?.versions.has(change.label) !== true) throw new Error(`${change.id} has no ${change.label}`)
  const named = prompt.names.get(change.release)
  if (named !== undefined && named !== change.label) return [`taken ${change.id} ${change.release}`]
  return change.do === 'alias' ? name(prompt, change) : promote(prompt, change)
}

function push(prompts: Map<string, Prompt>, change: Extract<Change, { do: 'push' }>): string[] {
  const prompt = prompts.get(change.id) ?? newPrompt()
  prompts.set(change.id, prompt)
  const isNew = !prompt.versions.has(change.label)
  if (isNew) prompt.versions.set(change.label, 'draft')
  const { description, tags, latest } = change
  const moved =
    latest &&
    JSON.stringify([prompt.latest, prompt.description, prompt.tags]) !==
      JSON.stringify([change.label, description, tags])
  if (latest) Object.assign(prompt, { latest: change.label, description, tags })
  return isNew || moved ? [`pushed ${change.id} ${change.label}`] : []
}

function name(prompt: Prompt, { id, release, label }: Exclude<Change, { do: 'push' }>): string[] {
  if (prompt.names.has(release)) return []
  prompt.names.set(release, label)
  if (!isPrerelease(release) && prompt.versions.get(label) === 'draft')
    prompt.versions.set(label, 'deprecated')
  return [`named ${id} ${release}`]
}

function promote(prompt: Prompt, change: Exclude<Change, { do: 'push' }>): string[] {
  const { id, release, label } = change
  const order = prompt.highest === null ? 1 : compareReleases(release, prompt.highest.release)
  if (order === 0 && prompt.highest?.label === label) return []
  if (order <= 0 || prompt.hold !== null) return [`refused ${id} ${release}`]
  const named = name(prompt, change)
  if (prompt.stable !== null) prompt.versions.set(prompt.stable, 'deprecated')
  prompt.versions.set(label, 'stable')
  prompt.stable = label
  prompt.highest = { release, label }
  return [...named, `promoted ${id} ${release}`]
}

function newPrompt(): Prompt {
  return {
    versions: new Map(),
    names: new Map(),
    stable: null,
    latest: null,
    highest: null,
    hold: null,
    description: null,
    tags: [],
  }
}

function rowOf(id: string, prompt: Prompt): PromptRow {
  const at = '2026-01-01T00:00:00.000Z'
  return {
    prompt_id: id,
    stable: prompt.stable,
    latest: prompt.latest,
    latest_status: prompt.latest === null ? null : (prompt.versions.get(prompt.latest) ?? null),
    highest_release: prompt.highest?.release ?? null,
    source: 'demo',
    hold:
      prompt.hold === null
        ? null
        : { kind: prompt.hold, since: at, actor: 'a', reason: null, rolled_back_from: null },
    description: prompt.description,
    tags: [...prompt.tags],
    revision: 1,
    created_at: at,
    updated_at: at,
  }
}
