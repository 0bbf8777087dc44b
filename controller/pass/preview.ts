import type { Finding } from '../findings/finding.ts'
import type { Plan } from '../plan/plan.ts'
import { type ChangeDiffs, type ChangeNotes, changeDiffs } from './change-diffs.ts'
import { observe, withSnapshot } from './observe.ts'
import type { PassInput } from './pass-input.ts'
import { findingsAfter, planPass, readPlan } from './plan-pass.ts'
import { readFindings } from './registry-reads.ts'

export interface Preview {
  readonly plan: Plan
  readonly diffs: ChangeDiffs
  readonly notes: ChangeNotes
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
    return { plan, diffs, notes, findings: findingsAfter(plan, before, [], input.now()) }
  })
}
