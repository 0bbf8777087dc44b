import { noteLines } from '../prompts/change-note.ts'
import { counted, headlineOf } from '../report/pull-request-headline.ts'
import type { PullRequestPlan } from '../report/pull-request-plan.ts'
import { fewNames } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { printDiff, printLine } from './output.ts'
import { quarantineLines } from './reports.ts'

const MOST_NAMES = 20

/** Prints the content of the pull request's comment, with every diff that was kept. */
export function printPullRequest(runtime: CliRuntime, plan: PullRequestPlan): void {
  const { branch, base, commit, layout, massChange, promotions } = plan
  printLine(runtime, headlineOf(plan, plan.source))
  printLine(runtime, `  ${commit.slice(0, 12)}, compared with ${branch} at ${base.slice(0, 12)}`)
  if (layout !== null) printLine(runtime, `  layout: ${layout}`)
  if (massChange !== null) printLine(runtime, `  the pass after a merge would be held: ${massChange}`)
  for (const { change, id, path, movedTo, diff, note } of plan.differences) {
    const target = movedTo === null ? '' : `  (moved to ${movedTo})`
    printLine(runtime, `  ${change.padEnd(7)}  ${id}  ${path}${target}`)
    for (const line of noteLines(note)) printLine(runtime, `    ${line}`)
    printDiff(runtime, diff, 4)
  }
  const quarantined = plan.quarantined.map(({ path, reason }) => ({
    subject: { kind: 'file' as const, name: path },
    message: reason,
  }))
  for (const line of quarantineLines(quarantined)) printLine(runtime, `  ${line}`)
  for (const { reason } of plan.refused) printLine(runtime, `  refused: ${reason}`)
  const names = `${counted(promotions.length, 'prompt', 'prompts')}: ${fewNames(promotions, MOST_NAMES)}`
  const promoted = promotions.length === 0 ? 'nothing' : names
  printLine(runtime, `  a release after the merge would promote ${promoted}`)
}
