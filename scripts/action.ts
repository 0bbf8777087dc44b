import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pullRequestComment } from '../controller/report/pull-request-comment.ts'
import { headlineOf } from '../controller/report/pull-request-headline.ts'
import type { PullRequestPlan } from '../controller/report/pull-request-plan.ts'
import { configurationOf, lintArguments, noPlanReason, planArguments } from './action/commands.ts'
import { ActionError } from './action/error.ts'
import { type ActionInputs, readInputs } from './action/inputs.ts'
import { type PullRequest, pullRequestOf } from './action/pull-request.ts'

/** The entry of `action.yml`: lints the working tree, and shows the plan of the pull request in the job's summary. */

const PROMPTCTL = fileURLToPath(new URL('../bin/promptctl.js', import.meta.url))
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024
const { env, stdout } = process

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function main(): Promise<boolean> {
  const inputs = readInputs(env)
  const pullRequest = pullRequestOf(await readEvent())
  const config = await configFile(inputs, pullRequest)
  const isClean = await lint(inputs, config)
  const reason = noPlanReason(inputs, pullRequest)
  if (pullRequest === null || reason !== null) {
    stdout.write(`${reason}\n`)
    await append('GITHUB_STEP_SUMMARY', `${reason}\n`)
    return isClean
  }
  return (await plan(inputs, config, pullRequest)) && isClean
}

async function lint(inputs: ActionInputs, config: string): Promise<boolean> {
  const { code, out, err } = await promptctl(lintArguments(inputs, config))
  // Workflow commands, which put each result on its line.
  stdout.write(out)
  printSafely(err)
  if (code !== 0 && out === '') return false
  const count = (level: string) => out.split('\n').filter((line) => line.startsWith(`::${level} `)).length
  await append('GITHUB_OUTPUT', `errors=${count('error')}\nwarnings=${count('warning')}\n`)
  await append('GITHUB_STEP_SUMMARY', `Lint: ${out.trimEnd().split('\n').at(-1)}\n\n`)
  return code === 0
}

async function plan(inputs: ActionInputs, config: string, pullRequest: PullRequest): Promise<boolean> {
  const { code, out, err } = await promptctl(planArguments(inputs, config, pullRequest))
  printSafely(err)
  const { plans, errors } = out === '' ? { plans: [], errors: [] } : (JSON.parse(out) as PlanOutput)
  for (const one of plans) {
    stdout.write(`Plan of pull request ${one.pullRequest}: ${headlineOf(one, one.source)}\n`)
    await append('GITHUB_STEP_SUMMARY', pullRequestComment(one, one.source))
    const { differences, promotions } = one
    await append('GITHUB_OUTPUT', `changes=${differences.length}\npromotions=${promotions.length}\n`)
  }
  for (const { source, message } of errors) printSafely(`${source}: ${message}\n`)
  if (plans.length === 0) await append('GITHUB_STEP_SUMMARY', 'No plan: the log of the job has the reason.\n')
  return code === 0
}

interface PlanOutput {
  readonly plans: readonly PullRequestPlan[]
  readonly errors: readonly { readonly source: string; readonly message: string }[]
}

/** The configuration of the workflow, or one made from its inputs. */
async function configFile(inputs: ActionInputs, pullRequest: PullRequest | null): Promise<string> {
  if (inputs.config !== null) return resolve(inputs.config)
  const folder = await mkdtemp(join(env.RUNNER_TEMP ?? tmpdir(), 'promptctl-'))
  const file = join(folder, 'promptctl.yaml')
  await writeFile(file, configurationOf(inputs, pullRequest))
  return file
}

async function readEvent(): Promise<unknown> {
  const file = env.GITHUB_EVENT_PATH
  return file === undefined ? null : JSON.parse(await readFile(file, 'utf8'))
}

async function promptctl(args: readonly string[]): Promise<Ran> {
  const own = {
    ...env,
    NO_COLOR: '1',
    ...(env.INPUT_REGISTRY_TOKEN && { PROMPT_REGISTRY_TOKEN: env.INPUT_REGISTRY_TOKEN }),
  }
  return await new Promise((done, fail) => {
    execFile(
      process.execPath,
      [PROMPTCTL, ...args],
      { env: own, maxBuffer: MOST_OUTPUT_BYTES },
      (error, out, err) => {
        const code = error === null ? 0 : error.code
        if (typeof code === 'number') done({ code, out, err })
        else fail(error)
      },
    )
  })
}

/** Text of the repository must not be read as a workflow command. */
function printSafely(text: string): void {
  if (text === '') return
  const token = randomUUID()
  stdout.write(`::stop-commands::${token}\n${text.trimEnd()}\n::${token}::\n`)
}

/** Appends to a file that GitHub names; outside of a workflow there is none. */
async function append(variable: 'GITHUB_STEP_SUMMARY' | 'GITHUB_OUTPUT', text: string): Promise<void> {
  const file = env[variable]
  if (file !== undefined && file !== '') await appendFile(file, text)
}

try {
  if (!(await main())) process.exitCode = 1
} catch (error) {
  if (!(error instanceof ActionError)) throw error
  stdout.write(`::error title=Prompt Registry::${error.message}\n`)
  process.exitCode = 1
}
