import type { PromptUse } from '../../api/contract/prompt-use.ts'
import type { Finding } from '../findings/finding.ts'
import { changeKey } from '../plan/changes.ts'
import { changesOf, type Plan } from '../plan/plan.ts'
import { type ChangeDiffs, type ChangeNotes, changeDiffs } from './change-diffs.ts'
import { observe, withSnapshot } from './observe.ts'
import type { PassInput } from './pass-input.ts'
import { findingsAfter, planPass, readPlan } from './plan-pass.ts'
import { readUse } from './read-use.ts'
import { readFindings } from './registry-reads.ts'

export interface Preview {
  readonly plan: Plan
  readonly diffs: ChangeDiffs
  readonly notes: ChangeNotes
  /** Who reads the prompts that get another text, are archived or retired, by id. */
  readonly use: ReadonlyMap<string, PromptUse>
  /** All findings of the source once the plan is carried out. */
  readonly findings: readonly Finding[]
}

/** A dry run: the plan that a pass would carry out now, with diffs. Changes nothing. */
export async function preview(input: PassInput): Promise<Preview> {
  const moment = await observe(input)
  return await withSnapshot(input, moment, async (snapshot) => {
    const before = await readFindings(input)
    const pass = { ...input, retryNow: true, confirm: true, retireRead: false, moment, before, snapshot }
    const plan = planPass(await readPlan(pass))
    const { diffs, notes } = await changeDiffs(plan, pass)
    const use = await readUse(input, changedIn(plan, diffs))
    return { plan, diffs, notes, use, findings: findingsAfter(plan, before, [], input.now()) }
  })
}

/** Prompts that agents have in another version, and those that end. */
function changedIn(plan: Plan, diffs: ChangeDiffs): string[] {
  const changed = changesOf(plan).filter(
    (change) =>
      change.do === 'archive' ||
      change.do === 'retire' ||
      ('from' in change && change.from !== null && diffs.has(changeKey(change))),
  )
  return [...new Set(changed.map(({ id }) => id))]
}
