import type { PullRequestPlan } from '../report/pull-request-plan.ts'
import { counted, headlineOf } from '../report/pull-request-words.ts'
import { fewNames } from './cells.ts'
import { printLine, printParagraph } from './output.ts'
import { quarantineLines } from './reports.ts'
import type { World } from './world.ts'

const MOST_NAMES = 20

/** What the comment on the pull request says, for a terminal, with every diff that was kept. */
export function printPullRequest(world: World, plan: PullRequestPlan): void {
  const { branch, base, commit, layout, massChange, promotions } = plan
  printLine(world, headlineOf(plan, plan.source))
  printLine(world, `  ${commit.slice(0, 12)}, compared with ${branch} at ${base.slice(0, 12)}`)
  if (layout !== null) printLine(world, `  layout: ${layout}`)
  if (massChange !== null) printLine(world, `  a merge waits for a person: ${massChange}`)
  for (const { change, id, path, diff } of plan.differences) {
    printLine(world, `  ${change.padEnd(7)}  ${id}  ${path}`)
    if (diff === null) printLine(world, '    (the diff is too long to show)')
    else printParagraph(world, indented(diff))
  }
  for (const line of quarantineLines(plan.quarantined)) printLine(world, `  ${line}`)
  const names = `${counted(promotions.length, 'prompt', 'prompts')}: ${fewNames(promotions, MOST_NAMES)}`
  const promoted = promotions.length === 0 ? 'nothing' : names
  printLine(world, `  a release after the merge would promote ${promoted}`)
}

function indented(text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
