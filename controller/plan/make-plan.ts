import { type Plan, type PlanSettings, planPrompts } from './plan.ts'
import type { PlanInput } from './plan-input.ts'
import { PlanParts } from './plan-parts.ts'

/** Plans the changes that bring the registry in line with git. Pure. */
export function makePlan(input: PlanInput, settings: PlanSettings): Plan {
  const parts = new PlanParts(settings)
  parts.add(planPrompts(input, settings))
  return parts.finish(input)
}
