import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PassReport } from '../../controller/pass-report.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { createRepository, type TestRepository } from '../support/git-repository.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/start.ts'
import { bundleOf } from '../support/lambda/bundles.ts'
import type { LoopbackServer } from '../support/lambda/serve.ts'
import { githubDelivery } from '../support/webhook-deliveries.ts'
import type { AwsApi } from './support/emulator.ts'
import {
  type AppliedFunction,
  appliedFunction,
  deploy,
  type Platform,
  type RunningFunctions,
  runFunctions,
  startPlatform,
} from './support/platform.ts'
import { ROOT, terraformMissing } from './support/terraform.ts'

const ROLES = ['registry', 'controller', 'webhooks'] as const
type Role = (typeof ROLES)[number]

const BUILD_ROLE = 'acme-dev-prompt-registry-deploy'
const TOKEN = 'ghp_the/token+of&the=controller'
const HOOK_SECRET = 'the secret of the hook'
const PLACEHOLDER = 'infra/modules/prompt_controller/placeholder.zip'

/** The provider is a program of 600 MB, which a busy machine takes a while to start. */
const PATIENCE = 300_000

const missing = await terraformMissing()

/** The tests tell one story and run in its order: apply, deploy, sync by schedule, by webhook and by hand. */
describeOnAws('the controller in examples/platform', () => {
  let root: string
  let repository: TestRepository
  let github: GitHubStandIn
  let platform: Platform
  let applied: Readonly<Record<Role, AppliedFunction>>
  let running: RunningFunctions
  let api: LoopbackServer

  const registry = () => running.api(applied.registry.name)

  beforeAll(async () => {
    if (missing !== undefined) return
    root = await mkdtemp(join(tmpdir(), 'controller-'))
    repository = await createRepository(join(root, 'prompts'))
    github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
    platform = await startPlatform(async (aws) => ({
      TF_VAR_sources: sourcesDocument(),
      TF_VAR_secrets: JSON.stringify(await keepSecrets(aws)),
    }))
    await platform.terraform('init', '-no-color')
    await platform.terraform('apply', '-auto-approve', '-no-color')
    applied = await appliedFunctions()
    running = await runFunctions(platform, Object.values(applied), join(ROOT, PLACEHOLDER))
    api = await startApi()
  }, PATIENCE)

  afterAll(async () => {
    await running?.close()
    await platform?.close()
    await github?.close()
    if (root !== undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }, PATIENCE)

  /** Two sources of one repository, and one that nobody may look at by webhook. */
  function sourcesDocument(): string {
    const common = { repository: 'acme/prompts', type: 'github', apiUrl: github.url }
    const credentials = { passwordEnv: 'GITHUB_TOKEN' }
    return JSON.stringify({
      registry: { url: 'https://not-this-one.example.com' },
      sources: [
        {
          ...{ name: 'support', ...common, credentials, directories: ['support'], idPrefix: 'support/' },
          webhook: { host: 'github', secretEnv: 'HOOK_SECRET' },
        },
        { name: 'sales', ...common, credentials, directories: ['sales'], idPrefix: 'sales/' },
      ],
    })
  }

  /** One secret of each kind, as people put them there; Terraform learns where they are. */
  async function keepSecrets(aws: AwsApi) {
    const Tags = [{ Key: 'for', Value: 'test' }]
    const secret = { Name: 'github', SecretString: JSON.stringify({ token: TOKEN }), Tags }
    const { ARN } = await aws.json('secretsmanager', 'secretsmanager.CreateSecret', secret)
    const parameter = { Name: '/acme/hook', Value: HOOK_SECRET, Type: 'SecureString' }
    await aws.json('ssm', 'AmazonSSM.PutParameter', parameter)
    const { Parameter } = await aws.json('ssm', 'AmazonSSM.GetParameter', { Name: '/acme/hook' })
    return {
      GITHUB_TOKEN: `${ARN}#token`,
      HOOK_SECRET: (Parameter as { readonly ARN: string }).ARN,
    }
  }

  async function appliedFunctions(): Promise<Record<Role, AppliedFunction>> {
    const outputs = await platform.outputs()
    const of = (name: string) => appliedFunction(platform, outputs[name] ?? '')
    return {
      registry: await of('prompt_registry_lambda_name'),
      controller: await of('prompt_controller_lambda_name'),
      webhooks: await of('prompt_webhooks_lambda_name'),
    }
  }

  /** The API as it was applied, on this machine. */
  async function startApi(): Promise<LoopbackServer> {
    const [found] = (await platform.aws.get('apigateway', '/v2/apis')).items as [{ apiId: string }]
    const routes = await platform.aws.get('apigateway', `/v2/apis/${found.apiId}/routes`)
    const [{ routeKey }] = routes.items as [{ routeKey: string }]
    return await running.endpoint.httpApi(applied.webhooks.name, routeKey)
  }

  /** What the Scheduler does in a minute, with the schedule as it was applied. */
  async function tick(at: string): Promise<void> {
    const { Target } = await platform.aws.get('scheduler', `/schedules/${applied.controller.name}`)
    const { Arn, Input } = Target as { readonly Arn: string; readonly Input: string }
    const Payload = Buffer.from(Input.replace('<aws.scheduler.scheduled-time>', at))
    await running.client.send(new InvokeCommand({ FunctionName: Arn, InvocationType: 'Event', Payload }))
    await running.endpoint.idle()
  }

  async function ask(event: object, qualifier?: string) {
    const FunctionName = applied.controller.name
    const Payload = Buffer.from(JSON.stringify(event))
    const command = new InvokeCommand({ FunctionName, Qualifier: qualifier, Payload })
    const { FunctionError, Payload: answer } = await running.client.send(command)
    return { failed: FunctionError !== undefined, document: JSON.parse(Buffer.from(answer ?? '').toString()) }
  }

  async function deliver(event: string, secret: string, path = '/webhooks/support') {
    const { headers, body } = githubDelivery(event, { ref: 'refs/heads/main' }, secret)
    const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
    await running.endpoint.idle()
    return { status: answer.status, document: await answer.json() }
  }

  function lines(role: Role): Record<string, unknown>[] {
    return running.endpoint.logs(applied[role].name).flatMap((line) => {
      try {
        return [JSON.parse(line)]
      } catch {
        return []
      }
    })
  }

  /** A test of the story; skipped, naming the reason, where there is no terraform. */
  function chapter(name: string, run: () => Promise<void>): void {
    test(name, { timeout: PATIENCE }, async ({ skip }) => {
      if (missing !== undefined) skip(missing)
      await run()
    })
  }

  chapter('gets its bundles, each checked by the deployment', async () => {
    for (const role of ROLES) {
      const { zip } = await bundleOf(role)
      await deploy(platform, running, BUILD_ROLE, [applied[role].name], zip)
    }
  })

  chapter('brings drafts and releases in by schedule, one invocation for both sources', async () => {
    await repository.commit({ 'support/refund.txt': 'Refund, first.\n', 'sales/offer.txt': 'Offer.\n' })
    await repository.tag('v1.0.0', { annotated: true })
    await repository.commit({ 'support/refund.txt': 'Refund, second.\n' })
    await tick('2026-06-01T12:00:00Z')

    const stable = await registry().resolve('support/refund', { mode: 'production' })
    expect(stable).toMatchObject({ status: 'stable', content: 'Refund, first.\n' })
    expect(await registry().resolve('support/refund@1.0.0', { mode: 'production' })).toMatchObject({
      version: stable.version,
    })
    expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
      status: 'draft',
      content: 'Refund, second.\n',
    })
    expect(await registry().resolve('sales/offer')).toMatchObject({ status: 'stable' })
    expect(lines('controller').filter(({ message }) => message === 'tick')).toMatchObject([
      { due: [['support', 'sales']] },
    ])
  })

  chapter('looks at once when a signed webhook says so', async () => {
    await repository.tag('v1.1.0')
    expect(await deliver('push', HOOK_SECRET)).toEqual({ status: 202, document: { status: 'accepted' } })
    expect(await registry().resolve('support/refund', { mode: 'production' })).toMatchObject({
      content: 'Refund, second.\n',
    })
  })

  chapter('does nothing for a delivery that is not signed rightly, or comes elsewhere', async () => {
    await repository.commit({ 'support/refund.txt': 'Refund, third.\n' })
    expect(await deliver('push', 'a guess')).toMatchObject({
      status: 401,
      document: { code: 'unauthorized' },
    })
    expect(await deliver('push', HOOK_SECRET, '/webhooks/sales')).toMatchObject({ status: 404 })
    expect(await deliver('push', HOOK_SECRET, '/health')).toMatchObject({ status: 404 })
    expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, second.\n',
    })
  })

  chapter('tells a person who asks for a sync what it came to', async () => {
    const { document } = await ask({ action: 'sync', sources: ['support'], full: true })
    const { passes } = document as { readonly passes: readonly PassReport[] }
    expect(passes).toMatchObject([
      { source: 'support', result: 'synced', kind: 'full', counts: { pushed: 1 } },
    ])
    expect(await ask({ action: 'sync', sources: ['suport'] })).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('there is no source "suport"') },
    })
  })

  chapter('takes nothing but passes by the alias of the webhooks', async () => {
    expect(await ask({ action: 'pass', sources: ['support'] }, 'passes')).toMatchObject({ failed: false })
    expect(await ask({ action: 'sync', confirm: true }, 'passes')).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('only {"action": "pass"} is taken') },
    })
  })
})
