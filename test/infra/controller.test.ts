import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PassReport } from '../../controller/pass-report.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { createRepository, type TestRepository } from '../support/git-repository.ts'
import { type GitHubStandIn, startGitHub } from '../support/github/start.ts'
import { bundleOf } from '../support/lambda/bundles.ts'
import type { LoopbackServer } from '../support/lambda/serve.ts'
import { githubDelivery } from '../support/webhook-deliveries.ts'
import type { AwsApi } from './support/emulator.ts'
import { takeInventory } from './support/inventory.ts'
import { metricName, metricsIn } from './support/metrics.ts'
import {
  type AppliedFunction,
  appliedFunction,
  deploy,
  type Platform,
  REGION,
  type RunningFunctions,
  runFunctions,
  startPlatform,
} from './support/platform.ts'
import { missingIn, readPolicy, unusedIn } from './support/policy.ts'
import { ACCOUNT } from './support/recorder.ts'
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
  let byGit: TestRepository
  let github: GitHubStandIn
  let platform: Platform
  let outputs: Readonly<Record<string, string>>
  let applied: Readonly<Record<Role, AppliedFunction>>
  let running: RunningFunctions
  let api: LoopbackServer

  const registry = () => running.api(applied.registry.name)

  beforeAll(async () => {
    if (missing !== undefined) return
    root = await mkdtemp(join(tmpdir(), 'controller-'))
    repository = await createRepository(join(root, 'prompts'))
    byGit = await createRepository(join(root, 'by-git'))
    github = await startGitHub({ repositoryPath: repository.path, token: TOKEN })
    platform = await startPlatform(async (aws) => ({
      TF_VAR_sources: sourcesDocument(),
      TF_VAR_secrets: JSON.stringify(await keepSecrets(aws)),
    }))
    await platform.terraform('init', '-no-color')
    await platform.terraform('apply', '-auto-approve', '-no-color')
    outputs = await platform.outputs()
    applied = await appliedFunctions()
    running = await runFunctions(platform, Object.values(applied), join(ROOT, PLACEHOLDER), {
      [applied.registry.name]: { NODE_OPTIONS: `--import ${await writeClock()}` },
      [applied.controller.name]: { TMPDIR: root },
    })
    api = await startApi()
  }, PATIENCE)

  afterAll(async () => {
    await running?.close()
    await platform?.close()
    await github?.close()
    if (root !== undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }, PATIENCE)

  const clockFile = () => join(root, 'clock-is-ahead-by')

  /** The registry's clock, which a test puts forward by what it writes into a file. */
  async function writeClock(): Promise<string> {
    const file = join(root, 'clock.mjs')
    await writeFile(clockFile(), '0')
    const code = `import { readFileSync } from 'node:fs'
      const real = Date.now
      Date.now = () => real() + Number(readFileSync(${JSON.stringify(clockFile())}, 'utf8'))`
    await writeFile(file, code)
    return pathToFileURL(file).href
  }

  /** Two sources of one repository on GitHub, of which one has a webhook, and one that is read by git, as an image can. */
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
        { name: 'legal', type: 'git', repository: byGit.path, idPrefix: 'legal/' },
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

  const output = (name: string) => outputs[name] ?? ''

  async function appliedFunctions(): Promise<Record<Role, AppliedFunction>> {
    const of = (name: string) => appliedFunction(platform, output(name))
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

  async function syncOf(source: string): Promise<readonly PassReport[]> {
    const { document } = await ask({ action: 'sync', sources: [source] })
    return (document as { readonly passes: readonly PassReport[] }).passes
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

  chapter(
    'gets its bundles, each checked by the deployment, as the role of the CodeBuild project',
    async () => {
      const statements = readPolicy(await platform.policyOf(BUILD_ROLE))
      for (const role of ROLES) {
        const { zip } = await bundleOf(role)
        const needed = await deploy(platform, running, BUILD_ROLE, [applied[role].name], zip)
        expect(missingIn(statements, needed)).toEqual([])
      }
    },
  )

  chapter('brings drafts and releases in by schedule, one invocation for each repository', async () => {
    await byGit.commit({ 'prompts/terms.txt': 'Terms.\n' })
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
      { due: [['support', 'sales'], ['legal']] },
    ])
    expect(await registry().resolve('legal/terms', { mode: 'dev' })).toMatchObject({ content: 'Terms.\n' })
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

  chapter('leaves the last good document in force where a new one is wrong', async () => {
    const object = { Bucket: output('prompt_sources_bucket_name'), Key: 'promptctl.yaml' }
    const { s3, close } = s3Client()
    try {
      await s3.send(new PutObjectCommand({ ...object, Body: 'sources: [{ name: support }]' }))
      expect(await syncOf('support')).toMatchObject([{ result: 'unchanged' }])
      expect(lines('controller').filter(({ level, message }) => level === 'ERROR' && message)).toMatchObject([
        {
          message: 'the last good sources document stays in force',
          error: { message: expect.stringContaining('sources[0].repository') },
        },
      ])
    } finally {
      // Terraform's own, as it was.
      await s3.send(
        new PutObjectCommand({ ...object, Body: sourcesDocument(), ContentType: 'application/yaml' }),
      )
      close()
    }
  })

  chapter('never lets two invocations of one source write between each other', async () => {
    const before = (await registry().versions('support/refund')).versions.length
    for (const round of [1, 2]) {
      await repository.commit({ 'support/refund.txt': `Refund, round ${round}.\n` })
      const passes = (await Promise.all([1, 2, 3].map(() => syncOf('support')))).flat()
      expect(passes.map(({ message }) => message)).toEqual([null, null, null])
      expect(passes.filter(({ counts }) => (counts.pushed ?? 0) > 0)).toHaveLength(1)
    }
    expect((await registry().versions('support/refund')).versions).toHaveLength(before + 2)
    expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, round 2.\n',
    })
  })

  chapter('frees the lease of an invocation that was killed by time alone', async () => {
    await repository.commit({ 'support/refund.txt': 'Refund, after a kill.\n' })
    let killed: Promise<void> | undefined
    // Trees are asked for under the lease.
    github.intercept = (operation) => {
      if (operation.includes('/git/trees/')) killed ??= running.endpoint.kill(applied.controller.name)
      return undefined
    }
    await tick('2026-06-01T12:05:00Z')
    github.intercept = () => undefined
    expect(killed).toBeDefined()
    const another = { holder: 'another', ttl_seconds: 10 }
    await expect(registry().lease('support', another)).rejects.toMatchObject({ code: 'lease_held' })

    await writeFile(clockFile(), String(61_000))
    await tick('2026-06-01T12:06:00Z')
    expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, after a kill.\n',
    })
    expect((await registry().source('support')).lease).toBeNull()
  })

  chapter('never tells a secret', async () => {
    const told = ROLES.flatMap((role) => running.endpoint.logs(applied[role].name)).join('\n')
    expect(told).toContain('pass synced')
    for (const secret of [TOKEN, HOOK_SECRET]) expect(told).not.toContain(secret)
  })

  chapter('gives each role what it needs, and nothing else', async () => {
    for (const role of ['controller', 'webhooks'] as const) {
      const key = running.accessKeys.get(applied[role].name)
      const needed = platform.recorder.needed.filter(({ accessKeyId }) => accessKeyId === key)
      const statements = readPolicy(await platform.policyOf(applied[role].role))
      expect({ role, missing: missingIn(statements, needed) }).toEqual({ role, missing: [] })
      expect({ role, extra: unusedIn(statements, needed) }).toEqual({ role, extra: [] })
    }
  })

  chapter('lets what faces the internet ask for a pass, and the schedule for its minute', async () => {
    const own = ['logs:CreateLogStream', 'xray:PutTraceSegments']
    const permissions = async (role: string) =>
      readPolicy(await platform.policyOf(role))
        .filter(({ actions }) => !actions.some((action) => own.includes(action)))
        .map(({ actions, resources }) => [...actions, ...resources])
    const of = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`
    const controller = of('lambda', `function:${applied.controller.name}`)
    expect(await permissions(applied.webhooks.role)).toEqual([
      ['s3:GetObject', `arn:aws:s3:::${output('prompt_sources_bucket_name')}/promptctl.yaml`],
      ['lambda:InvokeFunction', `${controller}:passes`],
      ['ssm:GetParameter', of('ssm', 'parameter/acme/hook')],
    ])
    expect(await permissions('acme-dev-prompt-schedule')).toEqual([
      ['lambda:InvokeFunction', controller],
      ['sqs:SendMessage', of('sqs', `${applied.controller.name}-dead-letters`)],
    ])
  })

  chapter('has alarms on what the functions really count, and one on silence', async () => {
    const names = [applied.controller.name, applied.webhooks.name]
    const counted = names.flatMap((name) => running.endpoint.logs(name)).flatMap(metricsIn)
    const alarms = (await platform.resources())
      .filter(({ type }) => type === 'aws_cloudwatch_metric_alarm')
      .map(({ values }) => values)
      .filter(({ alarm_name }) => names.some((name) => String(alarm_name).startsWith(name)))
    expect(alarms.map(({ alarm_name }) => alarm_name).sort()).toEqual(
      [
        ...names.flatMap((name) => ['errors', 'problems', 'throttles'].map((kind) => `${name}-${kind}`)),
        ...['dead-letters', 'overdue'].map((kind) => `${applied.controller.name}-${kind}`),
      ].sort(),
    )
    const ours = alarms.filter(({ namespace }) => namespace === 'PromptRegistry')
    expect(ours).toHaveLength(3)
    for (const { namespace, metric_name, dimensions } of ours)
      expect(counted).toContain(metricName(namespace, metric_name, dimensions))
  })

  chapter('is settled: a second apply changes nothing, and leaves the code alone', async () => {
    const before = await appliedFunctions()
    const said = await platform.terraform('apply', '-auto-approve', '-no-color')
    expect(said).toContain('Resources: 0 added, 0 changed, 0 destroyed.')
    expect(await appliedFunctions()).toEqual(before)
  })

  chapter('leaves nothing when it is destroyed', async () => {
    const types = (await platform.resources())
      .map(({ type }) => type)
      // What the emulator leaves of it, and why, is in platform.test.ts.
      .filter((type) => type !== 'aws_codebuild_project')
    const before = await takeInventory(platform.aws, platform.url, types)
    expect(Object.entries(before).filter(([, found]) => found.length === 0)).toEqual([])
    await platform.terraform('destroy', '-auto-approve', '-no-color')
    const left = Object.entries(await takeInventory(platform.aws, platform.url, types))
    // The secret that the test put there itself.
    expect(left.filter(([, found]) => found.length > 0)).toEqual([['aws_ssm_parameter', ['/acme/hook']]])
  })

  function s3Client() {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const s3 = new S3Client({ endpoint: platform.url, region: REGION, credentials, forcePathStyle: true })
    return { s3, close: () => s3.destroy() }
  }
})
