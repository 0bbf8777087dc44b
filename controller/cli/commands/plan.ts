import { type Command, InvalidArgumentError } from 'commander'
import type { SourceConfig } from '../../config.ts'
import { unknownName } from '../../desired/repository-layout.ts'
import { heldMessage } from '../../pass/pass-report.ts'
import { preview } from '../../pass/planning.ts'
import type { Change, PromptChanges } from '../../plan/changes.ts'
import { countChanges, type Plan } from '../../plan.ts'
import { previewPullRequest } from '../../report/preview-pull-request.ts'
import type { PullRequestPlan } from '../../report/pull-request-plan.ts'
import { runRound } from '../../rounds/run-round.ts'
import { type Repository, repositoriesOf } from '../../wiring/repositories.ts'
import { fewNames } from '../cells.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import { printPullRequest } from '../pull-request-page.ts'
import { quarantineLines } from '../reports.ts'
import type { World } from '../world.ts'
import { chosenSources } from './sync.ts'

const MOST_BACKFILL_LINES = 3

interface PlanOptions extends CommonOptions {
  readonly full?: boolean
  readonly pullRequest?: number
}

export function planCommand({ world }: CliContext): Command {
  return newCommand('plan', 'show what sync would do, without doing it', {
    group: 'run',
    examples: ['plan', 'plan support --full', 'plan support --pull-request 7'],
  })
    .argument('[sources...]', 'names of sources (default: all)')
    .option('--full', 'compare everything')
    .option('--pull-request <number>', 'show what merging a pull request would do', parseNumber)
    .action(async (names: string[], options: PlanOptions) => {
      const config = await loadConfig(options, world)
      const sources = chosenSources(config, names)
      if (options.pullRequest !== undefined) refuseBeside(options, sources)
      const connection = await connect(options, world, { missing: 'pretend' })
      try {
        const { api } = connection
        const repositories = repositoriesOf({ sources, cache: config.cache, api, surroundings: world })
        const { pullRequest } = options
        if (pullRequest === undefined) await showPlans(world, repositories, options)
        else await showPullRequests(world, repositories, { ...options, pullRequest })
      } finally {
        connection.close()
      }
    })
}

async function showPlans(
  world: World,
  repositories: readonly Repository[],
  options: PlanOptions,
): Promise<void> {
  const plans: Plan[] = []
  const force = options.full ?? false
  for (const { git, members } of repositories)
    plans.push(...(await runRound(git, members, (input) => preview({ ...input, force }))))
  if (wantsJson(options)) printJson(world, { plans })
  else for (const plan of plans) printPlan(world, plan)
}

async function showPullRequests(
  world: World,
  repositories: readonly Repository[],
  options: PlanOptions & { readonly pullRequest: number },
): Promise<void> {
  const plans: PullRequestPlan[] = []
  for (const { git, members } of repositories)
    plans.push(...(await runRound(git, members, (input) => previewPullRequest(input, options.pullRequest))))
  if (wantsJson(options)) printJson(world, { plans })
  else for (const plan of plans) printPullRequest(world, plan)
}

/** A number means another pull request in each repository. */
function refuseBeside({ full }: PlanOptions, sources: readonly SourceConfig[]): void {
  if (full === true)
    throw new UsageError('--full is for what sync would do; leave it out beside --pull-request.')
  const [first, ...others] = sources
  const other = others.find(({ repository }) => repository !== first?.repository)
  if (other !== undefined)
    throw new UsageError('The sources have different repositories; name the one whose pull request it is.')
}

function parseNumber(text: string): number {
  const number = Number(text)
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('A pull request has a number from 1 on.')
}

function printPlan(world: World, plan: Plan): void {
  const count = countChanges(plan)
  const at = `${plan.branch} ${plan.commit.slice(0, 12)}`
  printLine(world, `${plan.source}: ${count} ${count === 1 ? 'change' : 'changes'} at ${at}`)
  const { massChange, layout } = plan
  const lines = [
    ...(massChange === null ? [] : [`held: ${heldMessage(plan)}`]),
    ...(layout.problem === null ? [] : [`layout: ${layout.problem}`]),
    ...layout.unknownNames.map((name) => `unknown name: ${unknownName(name)}`),
    ...plan.current.flatMap(({ changes }) => changes.map(changeLine)),
    ...plan.backfill.flatMap(backfillLines),
    ...quarantineLines(plan.quarantined),
    ...plan.reports.map(({ kind, message }) => `${kind.replaceAll('_', ' ')}: ${message}`),
  ]
  for (const line of lines) printLine(world, `  ${line}`)
  const { length } = plan.ignored
  const files = length === 1 ? '1 file is' : `${length} files are`
  if (length > 0) printLine(world, `  ${files} left out by the configuration (-o json lists them)`)
}

/** Years of releases would hide what is current, so those of a prompt share a line. */
function backfillLines({ id, changes }: PromptChanges): string[] {
  if (changes.length <= MOST_BACKFILL_LINES) return changes.map(changeLine)
  const releases = changes.flatMap((change) => ('release' in change ? [change.release] : []))
  return [`earlier  ${id}: ${fewNames(releases)} (${changes.length} changes)`]
}

function changeLine(change: Change): string {
  const { do: what, id } = change
  if (change.do === 'push') return `push     ${id}@${change.label}  ${change.path}`
  if (change.do === 'archive') return `archive  ${id}  (gone from the branch)`
  if (change.do === 'retire') return `retire   ${id} at ${change.release}  (tag ${change.tag})`
  const until = change.frozenUntil === undefined ? '' : `, in a freeze until ${change.frozenUntil}`
  const held = change.held === true ? ', frozen' : until
  return `${what.padEnd(7)}  ${id}@${change.label} as ${change.release}  (tag ${change.tag}${held})`
}
