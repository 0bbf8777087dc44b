import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { bundleOf } from '../../support/lambda/bundles.ts'
import { chapter } from '../support/chapter.ts'
import { deploy, REGION } from '../support/platform.ts'
import { missingIn, readPolicy, unusedIn } from '../support/policy.ts'
import { ACCOUNT, type NeededPermission } from '../support/recorder.ts'
import { HOOK_SECRET, TOKEN, type WiredWorld } from '../support/wired-world.ts'

const BUILD_ROLE = 'beta-dev-prompt-registry-deploy'
const ROLES = ['controller', 'webhooks'] as const

/** Deployed, then synced by schedule, by webhook and by hand, and compared with its roles. */
export function controllerChapters(theWorld: () => WiredWorld): void {
  chapter('gets every bundle, as the role of the CodeBuild project', async () => {
    const world = theWorld()
    const { reader, writer, controller, webhooks } = world.applied
    const deployed = [
      [(await bundleOf('registry')).zip, reader, writer],
      [(await bundleOf('controller')).zip, controller],
      [(await bundleOf('webhooks')).zip, webhooks],
    ] as const
    const needed: NeededPermission[] = []
    for (const [zip, ...functions] of deployed) {
      const names = functions.map(({ name }) => name)
      needed.push(...(await deploy(world, BUILD_ROLE, names, zip)))
    }
    const statements = readPolicy(await world.platform.policyOf(BUILD_ROLE))
    expect(missingIn(statements, needed)).toEqual([])
    expect(unusedIn(statements, needed)).toEqual([])
  })

  chapter('brings drafts and releases in by schedule, one invocation for each repository', async () => {
    const { repository, byGit, api, fire, applied, lines } = theWorld()
    const registry = api('writer')
    await byGit.commit({ 'prompts/terms.txt': 'Terms.\n' })
    await repository.commit({ 'support/refund.txt': 'Refund, first.\n', 'sales/offer.txt': 'Offer.\n' })
    await repository.tag('v1.0.0', { annotated: true })
    await repository.commit({ 'support/refund.txt': 'Refund, second.\n' })
    await fire(applied.controller.name, '2026-06-01T12:00:00Z')

    const stable = await registry.resolve('support/refund', { mode: 'production' })
    expect(stable).toMatchObject({ status: 'stable', content: 'Refund, first.\n' })
    expect(await registry.resolve('support/refund@1.0.0', { mode: 'production' })).toMatchObject({
      version: stable.version,
    })
    expect(await registry.resolve('support/refund', { mode: 'dev' })).toMatchObject({
      status: 'draft',
      content: 'Refund, second.\n',
    })
    expect(await registry.resolve('sales/offer')).toMatchObject({ status: 'stable' })
    expect(lines('controller').filter(({ message }) => message === 'tick')).toMatchObject([
      { due: [['support', 'sales'], ['legal']] },
    ])
    expect(await registry.resolve('legal/terms', { mode: 'dev' })).toMatchObject({ content: 'Terms.\n' })
  })

  chapter('looks at once when a signed webhook says so', async () => {
    const { repository, api, deliver } = theWorld()
    await repository.tag('v1.1.0')
    expect(await deliver(HOOK_SECRET)).toEqual({ status: 202, document: { status: 'accepted' } })
    expect(await api('writer').resolve('support/refund', { mode: 'production' })).toMatchObject({
      content: 'Refund, second.\n',
    })
  })

  chapter('does nothing for a delivery that is not signed rightly, or comes elsewhere', async () => {
    const { repository, api, deliver } = theWorld()
    await repository.commit({ 'support/refund.txt': 'Refund, third.\n' })
    expect(await deliver('a guess')).toMatchObject({ status: 401, document: { code: 'unauthorized' } })
    // The answer does not show which sources have a webhook.
    expect(await deliver(HOOK_SECRET, '/webhooks/sales')).toMatchObject({ status: 401 })
    expect(await deliver(HOOK_SECRET, '/health')).toMatchObject({ status: 404 })
    expect(await api('writer').resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, second.\n',
    })
  })

  chapter('tells a person who asks for a sync what it came to', async () => {
    const { ask } = theWorld()
    expect(await ask({ action: 'sync', sources: ['support'], full: true })).toMatchObject({
      document: { passes: [{ source: 'support', result: 'synced', kind: 'full', counts: { pushed: 1 } }] },
    })
    expect(await ask({ action: 'sync', sources: ['suport'] })).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('unknown source "suport"') },
    })
  })

  chapter('takes nothing but passes by the alias of the webhooks', async () => {
    const { ask } = theWorld()
    expect(await ask({ action: 'pass', sources: ['support'] }, 'passes')).toMatchObject({ failed: false })
    expect(await ask({ action: 'sync', confirm: true }, 'passes')).toMatchObject({
      failed: true,
      document: { errorMessage: expect.stringContaining('accepts only {"action": "pass"}') },
    })
  })

  chapter('leaves the last good document in force where a new one is wrong', async () => {
    const { platform, sources, output, sync, lines } = theWorld()
    const object = { Bucket: output('prompt_sources_bucket_name'), Key: 'promptctl.yaml' }
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const s3 = new S3Client({ endpoint: platform.url, region: REGION, credentials, forcePathStyle: true })
    try {
      await s3.send(new PutObjectCommand({ ...object, Body: 'sources: [{ name: support }]' }))
      expect(await sync('support')).toMatchObject([{ result: 'unchanged' }])
      expect(lines('controller').filter(({ level, message }) => level === 'ERROR' && message)).toMatchObject([
        {
          message: 'the last good sources document stays in force',
          error: { message: expect.stringContaining('sources[0].repository') },
        },
      ])
    } finally {
      // Terraform's own, as it was.
      await s3.send(new PutObjectCommand({ ...object, Body: sources, ContentType: 'application/yaml' }))
      s3.destroy()
    }
  })

  chapter('never lets two invocations of one source write between each other', async () => {
    const { repository, api, sync } = theWorld()
    const registry = api('writer')
    const before = (await registry.versions('support/refund')).versions.length
    for (const round of [1, 2]) {
      await repository.commit({ 'support/refund.txt': `Refund, round ${round}.\n` })
      const passes = (await Promise.all([1, 2, 3].map(() => sync('support')))).flat()
      expect(passes.map(({ message }) => message)).toEqual([null, null, null])
      expect(passes.filter(({ counts }) => (counts.pushed ?? 0) > 0)).toHaveLength(1)
    }
    expect((await registry.versions('support/refund')).versions).toHaveLength(before + 2)
    expect(await registry.resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, round 2.\n',
    })
  })

  chapter('frees the lease of an invocation that was killed by time alone', async () => {
    const { repository, github, running, applied, api, setAhead, fire } = theWorld()
    const registry = api('writer')
    await repository.commit({ 'support/refund.txt': 'Refund, after a kill.\n' })
    let killed: Promise<void> | undefined
    // Trees are asked for under the lease.
    github.intercept = (operation) => {
      if (operation.includes('/git/trees/')) killed ??= running.endpoint.kill(applied.controller.name)
      return undefined
    }
    await fire(applied.controller.name, '2026-06-01T12:05:00Z')
    github.intercept = () => undefined
    expect(killed).toBeDefined()
    const another = { holder: 'another', ttl_seconds: 10 }
    await expect(registry.lease('support', another)).rejects.toMatchObject({ code: 'lease_held' })

    await setAhead(61_000)
    await fire(applied.controller.name, '2026-06-01T12:06:00Z')
    expect(await registry.resolve('support/refund', { mode: 'dev' })).toMatchObject({
      content: 'Refund, after a kill.\n',
    })
    expect((await registry.source('support')).lease).toBeNull()
  })

  chapter('never tells a secret', async () => {
    const { running, applied } = theWorld()
    const told = Object.values(applied)
      .flatMap(({ name }) => running.endpoint.logs(name))
      .join('\n')
    expect(told).toContain('pass synced')
    for (const secret of [TOKEN, HOOK_SECRET]) expect(told).not.toContain(secret)
  })

  chapter(
    'gives the roles of the controller and of the webhooks what they need, and nothing else',
    async () => {
      const { platform, running, applied } = theWorld()
      for (const role of ROLES) {
        const key = running.accessKeys.get(applied[role].name)
        const needed = platform.recorder.needed.filter(({ accessKeyId }) => accessKeyId === key)
        const statements = readPolicy(await platform.policyOf(applied[role].role))
        expect({ role, missing: missingIn(statements, needed) }).toEqual({ role, missing: [] })
        expect({ role, extra: unusedIn(statements, needed) }).toEqual({ role, extra: [] })
      }
    },
  )

  chapter('lets what faces the internet ask for a pass, and the schedule for its minute', async () => {
    const { platform, applied, output } = theWorld()
    const own = ['logs:CreateLogStream', 'xray:PutTraceSegments', 'ec2:DescribeSubnets', 'kms:Decrypt']
    const permissions = async (role: string) =>
      readPolicy(await platform.policyOf(role))
        .filter(({ actions }) => !actions.some((action) => own.includes(action)))
        .map(({ actions, resources }) => [...actions, ...resources])
    const of = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`
    const controller = of('lambda', `function:${applied.controller.name}`)
    expect(await permissions(applied.webhooks.role)).toEqual([
      ['s3:GetObject', `arn:aws:s3:::${output('prompt_sources_bucket_name')}/promptctl.yaml`],
      ['lambda:InvokeFunction', `${controller}:passes`],
      ['ssm:GetParameter', of('ssm', 'parameter/beta/hook')],
    ])
    expect(await permissions('beta-dev-prompt-schedule')).toEqual([
      ['lambda:InvokeFunction', controller],
      ['sqs:SendMessage', of('sqs', `${applied.controller.name}-dead-letters`)],
    ])
  })
}
