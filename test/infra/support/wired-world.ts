import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { type GitHubStandIn, startGitHub } from '../../support/github/start.ts'
import { githubDelivery } from '../../support/webhook-deliveries.ts'
import {
  type AppliedFunction,
  appliedFunction,
  CONTROLLER_PLACEHOLDER,
  LONG_TIMERS,
  onPlatform,
  PLACEHOLDER,
  type Platform,
  type RunningFunctions,
  runFunctions,
} from './platform.ts'
import { blocksBelow } from './readme.ts'
import { MODULES, ROOT, type Workspace } from './terraform.ts'

export const ROLES = ['writer', 'reader', 'controller', 'webhooks'] as const
export type Role = (typeof ROLES)[number]
export type Applied = Readonly<Record<Role, AppliedFunction>>

export const TOKEN = 'ghp_the/token+of&the=controller'
export const HOOK_SECRET = 'the secret of the hook'
const WIRING = 'test/infra/wiring'

export interface ModuleCheck {
  readonly folder: string
  readonly valid: boolean
  readonly diagnostics: readonly unknown[]
  /** What the tests printed. */
  readonly tests: string
}

/** Where something is missing, the emulator answers with an error. */
export interface Belongings {
  readonly writerUrl: unknown
  readonly alias: unknown
  readonly retries: unknown
  readonly retriesOfAlias: unknown
  readonly permission: unknown
}

/** The modules' outputs, as the root has them. */
interface Outputs {
  readonly registry: Readonly<Record<string, string>>
  readonly controller: Readonly<Record<string, string>>
}

/**
 * Both modules as docs/operations.md wires them into a platform, with every input that matters, on an emulator; their
 * functions on this machine, and repositories for them.
 */
export interface WiredWorld {
  /** `acme/prompts` on GitHub, of which there are two sources, one with a webhook. */
  readonly repository: TestRepository
  /** Read by git, as an image can. */
  readonly byGit: TestRepository
  readonly github: GitHubStandIn
  readonly platform: Platform
  /** What `terraform validate` and `terraform test` give for each of our modules. */
  readonly modules: readonly ModuleCheck[]
  readonly running: RunningFunctions
  /** As the functions were applied. */
  readonly applied: Applied
  /** The sources document as it was applied. */
  readonly sources: string
  /** The functions as they are on the emulator now. */
  functions(): Promise<Applied>
  output(name: string): string
  /** What AWS keeps beside the functions and drops with them, as it is on the emulator now. */
  belongings(): Promise<Belongings>
  /** The reserved concurrency of a function on the emulator; null if it has none. */
  concurrency(name: string): Promise<unknown>
  api(role: 'writer' | 'reader'): RegistryApi
  /** Puts the writer's clock forward. */
  setAhead(ms: number): Promise<void>
  /** What the Scheduler does with a schedule as it was applied; until all that it started has ended. */
  fire(schedule: string, at: string): Promise<void>
  /** Invokes the controller. */
  ask(event: object, alias?: string): Promise<{ readonly failed: boolean; readonly document: object }>
  sync(source: string): Promise<readonly PassReport[]>
  /** What GitHub does, through the HTTP API as it was applied; until all that it started has ended. */
  deliver(secret: string, path?: string): Promise<{ readonly status: number; readonly document: unknown }>
  /** The log of a function, where it is structured. */
  lines(role: Role): readonly Record<string, unknown>[]
  close(): Promise<void>
}

export async function startWiredWorld(): Promise<WiredWorld> {
  return await onPlatform(WIRING, makeWorld)
}

async function makeWorld(platform: Platform): Promise<WiredWorld> {
  const root = await mkdtemp(join(tmpdir(), 'wired-'))
  const repository = await createRepository(join(root, 'prompts'))
  const byGit = await createRepository(join(root, 'by-git'))
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
  const sources = sourcesDocument(github.url, byGit.path)
  await writeWiring(platform, sources)
  await platform.terraform('init', '-no-color')
  await platform.workspace.shareProvider(WIRING)
  // The apply waits for the most part.
  const [modules] = await Promise.all([
    checkModules(platform.workspace),
    platform.terraform('apply', '-no-color'),
  ])
  const outputs = await platform.outputs<Outputs>()
  const output = (name: string) => outputs.registry[name] ?? outputs.controller[name] ?? ''
  const functions = async (): Promise<Applied> => ({
    writer: await appliedFunction(platform, output('prompt_registry_writer_lambda_name')),
    reader: await appliedFunction(platform, output('prompt_registry_lambda_name')),
    controller: await appliedFunction(platform, output('prompt_controller_lambda_name')),
    webhooks: await appliedFunction(platform, output('prompt_webhooks_lambda_name')),
  })
  const applied = await functions()
  const clock = await writeClock(root)
  const running = await runApplied(platform, applied, root, clock.module)
  const { controller, webhooks } = applied
  const api = await running.endpoint.httpApi(webhooks.name, await routeOf(platform))
  const ask: WiredWorld['ask'] = async (event, Qualifier) => {
    const Payload = Buffer.from(JSON.stringify(event))
    const command = new InvokeCommand({ FunctionName: controller.name, Qualifier, Payload })
    const { FunctionError, Payload: answer } = await running.client.send(command)
    return { failed: FunctionError !== undefined, document: JSON.parse(Buffer.from(answer ?? '').toString()) }
  }
  return {
    ...{ modules, repository, byGit, github, platform, running, applied, sources, functions, output, ask },
    api: (role) => running.api(applied[role].name),
    belongings: () => belongingsOf(platform, applied),
    async concurrency(name) {
      const found = await platform.aws.get('lambda', `/2019-09-30/functions/${name}/concurrency`)
      return found.ReservedConcurrentExecutions ?? null
    },
    setAhead: clock.setAhead,
    async fire(schedule, at) {
      const { Target } = await platform.aws.get('scheduler', `/schedules/${schedule}`)
      const { Arn, Input } = Target as { readonly Arn: string; readonly Input: string }
      const Payload = Buffer.from(Input.replace('<aws.scheduler.scheduled-time>', at))
      await running.client.send(new InvokeCommand({ FunctionName: Arn, InvocationType: 'Event', Payload }))
      await running.endpoint.idle()
    },
    async sync(source) {
      const { document } = await ask({ action: 'sync', sources: [source] })
      return (document as { readonly passes: readonly PassReport[] }).passes
    },
    async deliver(secret, path = '/webhooks/support') {
      const { headers, body } = githubDelivery('push', { ref: 'refs/heads/main' }, secret)
      const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
      await running.endpoint.idle()
      return { status: answer.status, document: await answer.json() }
    },
    lines: (role) =>
      running.endpoint
        .logs(applied[role].name)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    async close() {
      await running.close()
      await platform.close()
      await github.close()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function checkModules(workspace: Workspace): Promise<readonly ModuleCheck[]> {
  const checks: ModuleCheck[] = []
  for (const folder of MODULES) {
    await workspace.terraform(folder, 'init', '-backend=false', '-no-color')
    const { valid, diagnostics } = JSON.parse(await workspace.terraform(folder, 'validate', '-json'))
    checks.push({ folder, valid, diagnostics, tests: await workspace.terraform(folder, 'test', '-no-color') })
  }
  return checks
}

/** The wiring as it is in the docs, with the modules of this checkout and what the emulator cannot do left out. */
async function writeWiring({ workspace }: Platform, sources: string): Promise<void> {
  const [documented = ''] = await blocksBelow('docs/operations.md', 'The modules in a platform')
  const local = documented
    .replaceAll(/git::https:\S+\/infra\/modules\/(\w+)\?ref=\S+"/g, '../../../infra/modules/$1"')
    .replaceAll(/^ +environment_kms_key_arn .*\n/gm, '')
    .replace(/^ +sources .*\n/m, '$&  tls_only = false\n')
  await writeFile(workspace.path(`${WIRING}/wiring.tf`), local)
  await writeFile(workspace.path(`${WIRING}/promptctl.yaml`), sources)
  workspace.set({ TF_VAR_github_token: TOKEN, TF_VAR_hook_secret: HOOK_SECRET })
}

async function belongingsOf(
  { aws }: Platform,
  { writer, controller, webhooks }: Applied,
): Promise<Belongings> {
  const ask = async (path: string, field: string) => (await aws.get('lambda', path))[field]
  const of = ({ name }: AppliedFunction, rest: string) => `/2015-03-31/functions/${name}/${rest}`
  const retries = `/2019-09-25/functions/${controller.name}/event-invoke-config`
  return {
    writerUrl: await ask(`/2021-10-31/functions/${writer.name}/url`, 'FunctionUrl'),
    alias: await ask(of(controller, 'aliases/passes'), 'FunctionVersion'),
    retries: await ask(retries, 'MaximumRetryAttempts'),
    retriesOfAlias: await ask(`${retries}?Qualifier=passes`, 'MaximumRetryAttempts'),
    permission: JSON.parse(String(await ask(of(webhooks, 'policy'), 'Policy'))).Statement,
  }
}

async function runApplied(
  platform: Platform,
  { writer, reader, controller, webhooks }: Applied,
  scratch: string,
  clock: string,
): Promise<RunningFunctions> {
  const [registry, rest] = [join(ROOT, PLACEHOLDER), join(ROOT, CONTROLLER_PLACEHOLDER)]
  return await runFunctions(platform, [
    { ...writer, zip: registry, ownEnvironment: { NODE_OPTIONS: `${LONG_TIMERS} --import ${clock}` } },
    { ...reader, zip: registry, ownEnvironment: { NODE_OPTIONS: LONG_TIMERS } },
    { ...controller, zip: rest, ownEnvironment: { TMPDIR: scratch } },
    { ...webhooks, zip: rest },
  ])
}

function sourcesDocument(apiUrl: string, byGit: string): string {
  const credentials = { passwordEnv: 'SUPPORT_REPO_TOKEN' }
  const common = { repository: 'acme/prompts', type: 'github', apiUrl, credentials }
  return JSON.stringify({
    registry: { url: 'https://not-this-one.example.com' },
    sources: [
      {
        ...{ name: 'support', ...common, directories: ['support'], idPrefix: 'support/' },
        webhook: { host: 'github', secretEnv: 'SUPPORT_HOOK_SECRET' },
      },
      { name: 'sales', ...common, directories: ['sales'], idPrefix: 'sales/' },
      { name: 'legal', type: 'git', repository: byGit, idPrefix: 'legal/' },
    ],
  })
}

/** A module that puts the clock of a process forward by what lies in a file. */
async function writeClock(folder: string) {
  const [file, ahead] = [join(folder, 'clock.mjs'), join(folder, 'clock-is-ahead-by')]
  const setAhead = (ms: number) => writeFile(ahead, String(ms))
  await setAhead(0)
  const code = `import { readFileSync } from 'node:fs'
    const real = Date.now
    Date.now = () => real() + Number(readFileSync(${JSON.stringify(ahead)}, 'utf8'))`
  await writeFile(file, code)
  return { module: pathToFileURL(file).href, setAhead }
}

/** Of the API as it was applied. */
async function routeOf({ aws }: Platform): Promise<string> {
  const [api] = (await aws.get('apigateway', '/v2/apis')).items as [{ readonly apiId: string }]
  const routes = await aws.get('apigateway', `/v2/apis/${api.apiId}/routes`)
  const [{ routeKey }] = routes.items as [{ readonly routeKey: string }]
  return routeKey
}
