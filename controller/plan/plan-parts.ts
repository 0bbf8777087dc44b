import type { NewFinding } from '../findings/finding.ts'
import { conflictingTag, lowerTag } from '../releases/tag-findings.ts'
import { SortedList } from '../values/packed-list.ts'
import { eachChange, type PromptChanges, type RefusedChange } from './changes.ts'
import { type UnattestedRelease, unattestedTag } from './evidence-findings.ts'
import { judgeMassChange, type MassChange } from './mass-change.ts'
import type { Plan, PlanSettings } from './plan.ts'
import type { WholeInput } from './plan-input.ts'
import type { PromptPlan } from './plan-prompt.ts'
import { planSet } from './planned-set.ts'

/**
 * A plan that is made in parts: the changes of some prompts at a time, then what all of them make. Keeps of an unchanged
 * prompt only its id, so that a source may have many.
 */
export class PlanParts {
  readonly #massChange: PlanSettings['massChange']
  readonly #current = new SortedList<PromptChanges>()
  readonly #backfill = new SortedList<PromptChanges>()
  readonly #refused: RefusedChange[] = []
  readonly #findings: NewFinding[] = []
  readonly #conflicts: PromptPlan['conflicts'][number][] = []
  readonly #lower: PromptPlan['lower'][number][] = []
  readonly #unattested: UnattestedRelease[] = []
  readonly #replaced: string[] = []
  readonly #retired: string[] = []
  readonly #taken = new Set<string>()

  constructor({ massChange }: Pick<PlanSettings, 'massChange'>) {
    this.#massChange = massChange
  }

  /** Adds the plans of prompts, by id. */
  add(prompts: readonly PromptPlan[]): void {
    for (const prompt of prompts) {
      const { id, current, backfill } = prompt
      if (current.length > 0) this.#current.push({ id, changes: current })
      if (backfill.length > 0) this.#backfill.push({ id, changes: backfill })
      this.#refused.push(...prompt.refused)
      this.#findings.push(...prompt.findings)
      this.#conflicts.push(...prompt.conflicts)
      this.#lower.push(...prompt.lower)
      this.#unattested.push(...prompt.unattested)
      if (prompt.replaces) this.#replaced.push(id)
      if (current.some((change) => change.do === 'retire')) this.#retired.push(id)
      if (prompt.takesDraft) this.#taken.add(id)
    }
  }

  /** Whether the registry has the branch's version of a prompt after the changes added so far. */
  readonly takes = (id: string): boolean => this.#taken.has(id)

  /** Makes the plan, after all prompts were added. */
  finish(input: WholeInput): Plan {
    const { source, branch, commit, kind, scope, layout, ignored, counted, unsettled, tags, unverified } =
      input
    const changes = { current: this.#current.list(), backfill: this.#backfill.list() }
    return {
      ...{ source, branch, commit, kind, scope, layout, counted, unsettled, tags, unverified, ignored },
      ...changes,
      set: planSet(eachChange(changes), input.set),
      refused: this.#refused,
      findings: [...input.findings, ...this.#findings, ...this.#tagFindings()],
      massChange: this.#judge(input),
    }
  }

  /** One finding per tag, even if the tag covers many prompts. */
  #tagFindings(): NewFinding[] {
    const lower = Map.groupBy(this.#lower, ({ release }) => release.tag)
    const unattested = Map.groupBy(this.#unattested, ({ release }) => release.tag)
    return [
      ...[...unattested].map(([tag, all]) => unattestedTag(tag, all)),
      ...conflictFindings(this.#conflicts),
      ...[...lower].map(([tag, all]) => {
        const [{ highest = '', release } = {}] = all
        return lowerTag(tag, release?.release ?? '', idsOf(all), highest)
      }),
    ]
  }

  #judge({ standing, owned }: WholeInput): MassChange | null {
    if (standing === null || this.#massChange === false) return null
    const upheaval = { ...standing, replaced: this.#replaced, retired: this.#retired, owned }
    return judgeMassChange(upheaval, this.#massChange)
  }
}

function conflictFindings(conflicts: PromptPlan['conflicts']): NewFinding[] {
  const byTag = Map.groupBy(conflicts, ({ release, newest }) => `${release.tag} ${newest}`)
  return [...byTag.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { release, by, newest } = first
    return [conflictingTag(release.tag, by, idsOf(all), release.release, newest)]
  })
}

function idsOf(all: readonly { readonly release: { readonly id: string } }[]): string[] {
  return all.map(({ release }) => release.id)
}
