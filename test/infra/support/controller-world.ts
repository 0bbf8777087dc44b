import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { PassReport } from '../../../controller/pass/pass-report.ts'
import { createRepository, type TestRepository } from '../../support/git-repository.ts'
import { type GitHubStandIn, startGitHub } from '../../support/github/start.ts'
import { githubDelivery } from '../../support/webhook-deliveries.ts'
import type { AwsApi } from './emulator.ts'
import {
  type AppliedFunction,
  appliedFunction,
  type Platform,
  type RunningFunctions,
  runFunctions,
  startPlatform,
} from './platform.ts'
import { ROOT } from './terraform.ts'

export const ROLES = ['registry', 'controller', 'webhooks'] as const
export type Role = (typeof ROLES)[number]
export type Applied = Readonly<Record<Role, AppliedFunction>>

export const TOKEN = 'ghp_the/token+of&the=controller'
export const HOOK_SECRET = 'the secret of the hook'
const PLACEHOLDER = 'infra/modules/prompt_controller/placeholder.zip'

/** The example with a controller on an emulator, its functions on this machine, and repositories for them. */
export interface ControllerWorld {
  /** `acme/prompts` on GitHub, of which there are two sources, one with a webhook. */
  readonly repository: TestRepository
  /** Read by git, as an image can. */
  readonly byGit: TestRepository
  readonly github: GitHubStandIn
  readonly platform: Platform
  readonly running: RunningFunctions
  /** As the functions were applied. */
  readonly applied: Applied
  /** The sources document as it was applied. */
  readonly sources: string
  /** The functions as they are on the emulator now. */
  functions(): Promise<Applied>
  output(name: string): string
  registry(): RegistryApi
  /** Puts the registry's clock forward. */
  setAhead(ms: number): Promise<void>
  /** What the Scheduler does in a minute, with the schedule as it was applied; until all that it started has ended. */
  tick(at: string): Promise<void>
  ask(event: object, alias?: string): Promise<{ readonly failed: boolean; readonly document: object }>
  sync(source: string): Promise<readonly PassReport[]>
  /** What GitHub does, through the HTTP API as it was applied; until all that it started has ended. */
  deliver(secret: string, path?: string): Promise<{ readonly status: number; readonly document: unknown }>
  /** The log of a function, where it is structured. */
  lines(role: Role): readonly Record<string, unknown>[]
  close(): Promise<void>
}

export async function startControllerWorld(): Promise<ControllerWorld> {
  const root = await mkdtemp(join(tmpdir(), 'controller-'))
  const repository = await createRepository(join(root, 'prompts'))
  const byGit = await createRepository(join(root, 'by-git'))
  const github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
  const sources = sourcesDocument(github.url, byGit.path)
  const platform = await startPlatform(async (aws) => ({
    TF_VAR_sources: sources,
    TF_VAR_secrets: JSON.stringify(await keepSecrets(aws)),
  }))
  await platform.terraform('init', '-no-color')
  await platform.terraform('apply', '-auto-approve', '-no-color')
  const outputs = await platform.outputs()
  const output = (name: string) => outputs[name] ?? ''
  const functions = async (): Promise<Applied> => ({
    registry: await appliedFunction(platform, output('prompt_registry_lambda_name')),
    controller: await appliedFunction(platform, output('prompt_controller_lambda_name')),
    webhooks: await appliedFunction(platform, output('prompt_webhooks_lambda_name')),
  })
  const applied = await functions()
  const { controller, webhooks } = applied
  const clock = await writeClock(root)
  const running = await runFunctions(platform, Object.values(applied), join(ROOT, PLACEHOLDER), {
    [applied.registry.name]: { NODE_OPTIONS: `--import ${clock.module}` },
    [controller.name]: { TMPDIR: root },
  })
  const api = await running.endpoint.httpApi(webhooks.name, await routeOf(platform))
  const ask: ControllerWorld['ask'] = async (event, Qualifier) => {
    const Payload = Buffer.from(JSON.stringify(event))
    const command = new InvokeCommand({ FunctionName: controller.name, Qualifier, Payload })
    const { FunctionError, Payload: answer } = await running.client.send(command)
    return { failed: FunctionError !== undefined, document: JSON.parse(Buffer.from(answer ?? '').toString()) }
  }
  return {
    ...{ repository, byGit, github, platform, running, applied, sources, functions, output, ask },
    registry: () => running.api(applied.registry.name),
    setAhead: clock.setAhead,
    async tick(at) {
      const { Target } = await platform.aws.get('scheduler', `/schedules/${controller.name}`)
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

function sourcesDocument(apiUrl: string, byGit: string): string {
  const credentials = { passwordEnv: 'GITHUB_TOKEN' }
  const common = { repository: 'acme/prompts', type: 'github', apiUrl, credentials }
  return JSON.stringify({
    registry: { url: 'https://not-this-one.example.com' },
    sources: [
      {
        ...{ name: 'support', ...common, directories: ['support'], idPrefix: 'support/' },
        webhook: { host: 'github', secretEnv: 'HOOK_SECRET' },
      },
      { name: 'sales', ...common, directories: ['sales'], idPrefix: 'sales/' },
      { name: 'legal', type: 'git', repository: byGit, idPrefix: 'legal/' },
    ],
  })
}

/** One secret of each kind, as people put them there; Terraform learns where they are. */
async function keepSecrets(aws: AwsApi): Promise<Readonly<Record<string, string>>> {
  const secret = { Name: 'github', SecretString: JSON.stringify({ token: TOKEN }) }
  const { ARN } = await aws.json('secretsmanager', 'secretsmanager.CreateSecret', secret)
  const parameter = { Name: '/acme/hook', Value: HOOK_SECRET, Type: 'SecureString' }
  await aws.json('ssm', 'AmazonSSM.PutParameter', parameter)
  const { Parameter } = await aws.json('ssm', 'AmazonSSM.GetParameter', { Name: '/acme/hook' })
  return { GITHUB_TOKEN: `${ARN}#token`, HOOK_SECRET: (Parameter as { readonly ARN: string }).ARN }
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
