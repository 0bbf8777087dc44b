import type { PromptRow } from '../../api/contract/registry-api.ts'
import { compareReleases, isPrerelease } from '../../api/contract/release.ts'
import type { Change, NamingChange } from '../../controller/plan/changes.ts'
import type { Plan } from '../../controller/plan.ts'

interface Prompt {
  readonly versions: Map<string, 'draft' | 'stable' | 'deprecated'>
  readonly names: Map<string, string>
  stable: string | null
  latest: string | null
  highest: { readonly release: string; readonly label: string } | null
  hold: 'until_lifted' | null
  archived: boolean
  retired: string | null
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
  if (change.do === 'archive' || change.do === 'retire') {
    if (prompt === undefined) throw new Error(`there is no ${change.id}`)
    return change.do === 'archive' ? archive(prompt, change.id) : retire(prompt, change)
  }
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
  const back = latest && prompt.archived
  if (back) prompt.archived = false
  return isNew || moved || back ? [`pushed ${change.id} ${change.label}`] : []
}

function name(prompt: Prompt, { id, release, label }: NamingChange): string[] {
  if (prompt.names.has(release)) return []
  prompt.names.set(release, label)
  if (!isPrerelease(release) && prompt.versions.get(label) === 'draft')
    prompt.versions.set(label, 'deprecated')
  return [`named ${id} ${release}`]
}

function archive(prompt: Prompt, id: string): string[] {
  if (prompt.archived) return []
  prompt.archived = true
  return [`archived ${id}`]
}

function retire(prompt: Prompt, { id, release }: Extract<Change, { do: 'retire' }>): string[] {
  if (prompt.stable === null) return []
  if (prompt.hold !== null) return [`held ${id}`]
  if (prompt.highest !== null && compareReleases(release, prompt.highest.release) <= 0)
    return [`refused ${id} ${release}`]
  prompt.versions.set(prompt.stable, 'deprecated')
  prompt.highest = { release, label: prompt.stable }
  prompt.stable = null
  prompt.retired = release
  return [`retired ${id} ${release}`]
}

function promote(prompt: Prompt, change: NamingChange): string[] {
  const { id, release, label } = change
  const order = prompt.highest === null ? 1 : compareReleases(release, prompt.highest.release)
  if (order === 0 && prompt.highest?.label === label) return []
  if (order <= 0 || prompt.hold !== null) return [`refused ${id} ${release}`]
  const named = name(prompt, change)
  if (prompt.stable !== null) prompt.versions.set(prompt.stable, 'deprecated')
  prompt.versions.set(label, 'stable')
  prompt.stable = label
  prompt.retired = null
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
    archived: false,
    retired: null,
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
    archived: prompt.archived,
    retired: prompt.retired,
    description: prompt.description,
    tags: [...prompt.tags],
    revision: 1,
    created_at: at,
    updated_at: at,
  }
}
