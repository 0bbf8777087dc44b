import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeOnAws } from '../support/aws/moto.ts'
import { bundleOf } from '../support/lambda/bundles.ts'
import {
  type ControllerWorld,
  HOOK_SECRET,
  ROLES,
  startControllerWorld,
  TOKEN,
} from './support/controller-world.ts'
import { takeInventory } from './support/inventory.ts'
import { metricName, metricsIn } from './support/metrics.ts'
import { deploy, REGION } from './support/platform.ts'
import { missingIn, readPolicy, unusedIn } from './support/policy.ts'
import { ACCOUNT } from './support/recorder.ts'
import { terraformMissing } from './support/terraform.ts'

const BUILD_ROLE = 'acme-dev-prompt-registry-deploy'

/** The provider is a program of 600 MB, which a busy machine takes a while to start. */
const PATIENCE = 300_000

const missing = await terraformMissing()

/** The tests tell one story and run in its order: apply, deploy, sync by schedule, by webhook and by hand. */
describeOnAws('the controller in examples/platform', () => {
  let world: ControllerWorld

  beforeAll(async () => {
    if (missing === undefined) world = await startControllerWorld()
  }, PATIENCE)

  afterAll(() => world?.close(), PATIENCE)

  /** A test of the story, in the world; skipped, naming the reason, where there is no terraform. */
  function chapter(name: string, run: (world: ControllerWorld) => Promise<void>): void {
    test(name, { timeout: PATIENCE }, async ({ skip }) => {
      if (missing !== undefined) skip(missing)
      await run(world)
    })
  }

  chapter(
    'gets its bundles, each checked by the deployment, as the role of the CodeBuild project',
    async ({ platform, running, applied }) => {
      const statements = readPolicy(await platform.policyOf(BUILD_ROLE))
      for (const role of ROLES) {
        const { zip } = await bundleOf(role)
        const needed = await deploy(platform, running, BUILD_ROLE, [applied[role].name], zip)
        expect(missingIn(statements, needed)).toEqual([])
      }
    },
  )

  chapter(
    'brings drafts and releases in by schedule, one invocation for each repository',
    async ({ repository, byGit, registry, tick, lines }) => {
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
    },
  )

  chapter('looks at once when a signed webhook says so', async ({ repository, registry, deliver }) => {
    await repository.tag('v1.1.0')
    expect(await deliver(HOOK_SECRET)).toEqual({ status: 202, document: { status: 'accepted' } })
    expect(await registry().resolve('support/refund', { mode: 'production' })).toMatchObject({
      content: 'Refund, second.\n',
    })
  })

  chapter(
    'does nothing for a delivery that is not signed rightly, or comes elsewhere',
    async ({ repository, registry, deliver }) => {
      await repository.commit({ 'support/refund.txt': 'Refund, third.\n' })
      expect(await deliver('a guess')).toMatchObject({
        status: 401,
        document: { code: 'unauthorized' },
      })
      expect(await deliver(HOOK_SECRET, '/webhooks/sales')).toMatchObject({ status: 404 })
      expect(await deliver(HOOK_SECRET, '/health')).toMatchObject({ status: 404 })
      expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
        content: 'Refund, second.\n',
      })
    },
  )

  chapter('tells a person who asks for a sync what it came to', async ({ ask }) => {
    expect(await ask({ action: 'sync', sources: ['support'], full: true })).toMatchObject({
      document: { passes: [{ source: 'support', result: 'synced', kind: 'full', counts: { pushed: 1 } }] },
    })
    expect(await ask({ action: 'sync', sources: ['suport'] })).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('there is no source "suport"') },
    })
  })

  chapter('takes nothing but passes by the alias of the webhooks', async ({ ask }) => {
    expect(await ask({ action: 'pass', sources: ['support'] }, 'passes')).toMatchObject({ failed: false })
    expect(await ask({ action: 'sync', confirm: true }, 'passes')).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('only {"action": "pass"} is taken') },
    })
  })

  chapter(
    'leaves the last good document in force where a new one is wrong',
    async ({ sources, output, sync, lines }) => {
      const object = { Bucket: output('prompt_sources_bucket_name'), Key: 'promptctl.yaml' }
      const { s3, close } = s3Client()
      try {
        await s3.send(new PutObjectCommand({ ...object, Body: 'sources: [{ name: support }]' }))
        expect(await sync('support')).toMatchObject([{ result: 'unchanged' }])
        expect(
          lines('controller').filter(({ level, message }) => level === 'ERROR' && message),
        ).toMatchObject([
          {
            message: 'the last good sources document stays in force',
            error: { message: expect.stringContaining('sources[0].repository') },
          },
        ])
      } finally {
        // Terraform's own, as it was.
        await s3.send(new PutObjectCommand({ ...object, Body: sources, ContentType: 'application/yaml' }))
        close()
      }
    },
  )

  chapter(
    'never lets two invocations of one source write between each other',
    async ({ repository, registry, sync }) => {
      const before = (await registry().versions('support/refund')).versions.length
      for (const round of [1, 2]) {
        await repository.commit({ 'support/refund.txt': `Refund, round ${round}.\n` })
        const passes = (await Promise.all([1, 2, 3].map(() => sync('support')))).flat()
        expect(passes.map(({ message }) => message)).toEqual([null, null, null])
        expect(passes.filter(({ counts }) => (counts.pushed ?? 0) > 0)).toHaveLength(1)
      }
      expect((await registry().versions('support/refund')).versions).toHaveLength(before + 2)
      expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
        content: 'Refund, round 2.\n',
      })
    },
  )

  chapter(
    'frees the lease of an invocation that was killed by time alone',
    async ({ repository, github, running, applied, registry, setAhead, tick }) => {
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

      await setAhead(61_000)
      await tick('2026-06-01T12:06:00Z')
      expect(await registry().resolve('support/refund', { mode: 'dev' })).toMatchObject({
        content: 'Refund, after a kill.\n',
      })
      expect((await registry().source('support')).lease).toBeNull()
    },
  )

  chapter('never tells a secret', async ({ running, applied }) => {
    const told = ROLES.flatMap((role) => running.endpoint.logs(applied[role].name)).join('\n')
    expect(told).toContain('pass synced')
    for (const secret of [TOKEN, HOOK_SECRET]) expect(told).not.toContain(secret)
  })

  chapter('gives each role what it needs, and nothing else', async ({ platform, running, applied }) => {
    for (const role of ['controller', 'webhooks'] as const) {
      const key = running.accessKeys.get(applied[role].name)
      const needed = platform.recorder.needed.filter(({ accessKeyId }) => accessKeyId === key)
      const statements = readPolicy(await platform.policyOf(applied[role].role))
      expect({ role, missing: missingIn(statements, needed) }).toEqual({ role, missing: [] })
      expect({ role, extra: unusedIn(statements, needed) }).toEqual({ role, extra: [] })
    }
  })

  chapter(
    'lets what faces the internet ask for a pass, and the schedule for its minute',
    async ({ platform, applied, output }) => {
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
    },
  )

  chapter(
    'has alarms on what the functions really count, and one on silence',
    async ({ platform, running, applied }) => {
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
    },
  )

  chapter(
    'is settled: a second apply changes nothing, and leaves the code alone',
    async ({ platform, functions }) => {
      const before = await functions()
      const said = await platform.terraform('apply', '-auto-approve', '-no-color')
      expect(said).toContain('Resources: 0 added, 0 changed, 0 destroyed.')
      expect(await functions()).toEqual(before)
    },
  )

  chapter('leaves nothing when it is destroyed', async ({ platform }) => {
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
    const { platform } = world
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const s3 = new S3Client({ endpoint: platform.url, region: REGION, credentials, forcePathStyle: true })
    return { s3, close: () => s3.destroy() }
  }
})
