import { type Command, InvalidArgumentError } from 'commander'
import type { SourceConfig } from '../../configuration/config.ts'
import { preview } from '../../pass/preview.ts'
import { isEmpty } from '../../plan/plan.ts'
import { previewPullRequest } from '../../report/preview-pull-request.ts'
import type { PullRequestPlan } from '../../report/pull-request-plan.ts'
import { type Repository, repositoriesOf } from '../../wiring/repositories.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { connect, loadConfig } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { eachSource, printFailure } from '../each-source.ts'
import type { CommonOptions } from '../options.ts'
import { printJson } from '../output.ts'
import { planDocument } from '../plan-document.ts'
import { printPlan } from '../plan-page.ts'
import { printPullRequest } from '../pull-request-page.ts'
import { chosenSources } from './sync.ts'

interface PlanOptions extends CommonOptions {
  readonly full?: boolean
  readonly pullRequest?: number
  readonly detailedExitcode?: boolean
}

const NOTES = `Exit codes: 0 if all plans succeeded, 1 if one failed. With --detailed-exitcode: 0 if there are no changes, 2 if
there are changes, 1 on errors.`

export function planCommand({ runtime, exit }: CliContext): Command {
  return newCommand('plan', 'Show what sync would do (dry run)', {
    group: 'run',
    examples: ['plan', 'plan support --full', 'plan support --pull-request 7'],
    notes: NOTES,
  })
    .argument('[sources...]', 'Names of sources (default: all)')
    .option('--full', 'Compare everything')
    .option('--detailed-exitcode', 'Exit with 2 if there are changes')
    .option('--pull-request <number>', 'Show what merging a pull request would do', parseNumber)
    .action(async (names: string[], options: PlanOptions) => {
      const config = await loadConfig(options, runtime)
      const sources = chosenSources(config, names)
      if (options.pullRequest !== undefined) refuseBeside(options, sources)
      const connection = await connect(options, runtime, { missing: 'pretend' })
      try {
        const { api } = connection
        const repositories = repositoriesOf({ sources, cache: config.cache, api, runtime: runtime })
        const { pullRequest } = options
        if (pullRequest === undefined) exit(await showPlans(runtime, repositories, options))
        else exit(await showPullRequests(runtime, repositories, { ...options, pullRequest }))
      } finally {
        connection.close()
      }
    })
}

async function showPlans(
  runtime: CliRuntime,
  repositories: readonly Repository[],
  options: PlanOptions,
): Promise<0 | 1 | 2> {
  const force = options.full ?? false
  const all = await eachSource(runtime, repositories, (input) => preview({ ...input, force }))
  const { made, failed } = all
  if (wantsJson(options)) printJson(runtime, { plans: made.map(planDocument), errors: failed })
  else {
    for (const one of made) printPlan(runtime, one)
    for (const failure of failed) printFailure(runtime, failure)
  }
  if (failed.length > 0) return 1
  const hasChanges = made.some(({ plan }) => !isEmpty(plan))
  return options.detailedExitcode === true && hasChanges ? 2 : 0
}

async function showPullRequests(
  runtime: CliRuntime,
  repositories: readonly Repository[],
  options: PlanOptions & { readonly pullRequest: number },
): Promise<0 | 1> {
  const { made, failed } = await eachSource<PullRequestPlan>(runtime, repositories, (input) =>
    previewPullRequest(input, options.pullRequest),
  )
  if (wantsJson(options)) printJson(runtime, { plans: made, errors: failed })
  else {
    for (const plan of made) printPullRequest(runtime, plan)
    for (const failure of failed) printFailure(runtime, failure)
  }
  return failed.length > 0 ? 1 : 0
}

/** The same number is a different pull request in each repository. */
function refuseBeside({ full, detailedExitcode }: PlanOptions, sources: readonly SourceConfig[]): void {
  if (full === true || detailedExitcode === true)
    throw new UsageError('--full and --detailed-exitcode do not work with --pull-request.')
  const [first, ...others] = sources
  const other = others.find(({ repository }) => repository !== first?.repository)
  if (other !== undefined)
    throw new UsageError('The sources have different repositories. Name the source of the pull request.')
}

function parseNumber(text: string): number {
  const number = Number(text)
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('A pull request number is a whole number from 1.')
}
