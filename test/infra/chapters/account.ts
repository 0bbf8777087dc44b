import { expect } from 'vitest'
import { chapter } from '../support/chapter.ts'
import { clientsOf, removeDeleteMarkers } from '../support/clients.ts'
import { elements } from '../support/emulator.ts'
import { takeInventory } from '../support/inventory.ts'
import { metricName, metricsIn } from '../support/metrics.ts'
import type { AppliedFunction, Platform, RunningFunctions } from '../support/platform.ts'
import { readPolicy } from '../support/policy.ts'

export interface AccountWorld {
  readonly platform: Platform
  readonly running: RunningFunctions
  readonly applied: Readonly<Record<string, AppliedFunction>>
}

export interface ExpectedAccount {
  /** Names of all roles. */
  readonly roles: readonly string[]
  /** Everything that a permission may be about. */
  readonly ours: readonly RegExp[]
  /** By function, the last part of the names of its alarms. */
  readonly alarms: Readonly<Record<string, readonly string[]>>
  /** What each alarm starts. */
  readonly actions: readonly string[]
}

/** AWS has no narrower resource for these. */
const FOR_ALL_RESOURCES = ['SendTraces', 'AttachToVpc', 'KeepVpcFromTheCode']

/** What Terraform made in the account, once everything is deployed and was used. */
export function accountChapters(theWorld: () => AccountWorld, expected: ExpectedAccount): void {
  chapter('names what each permission is for, if AWS can', async () => {
    const { platform } = theWorld()
    const answer = await platform.aws.query('iam', { Action: 'ListRoles', Version: '2010-05-08' })
    const roles = elements(answer, 'RoleName')
    expect(roles.sort()).toEqual([...expected.roles].sort())
    for (const role of roles) {
      for (const { sid, effect, actions, resources } of readPolicy(await platform.policyOf(role))) {
        const allowed = sid === 'KeepVpcFromTheCode' ? 'Deny' : 'Allow'
        expect(`${role} ${sid} ${effect}`).toBe(`${role} ${sid} ${allowed}`)
        expect(actions.filter((action) => action.includes('*'))).toEqual([])
        const broad = resources.filter((one) => !expected.ours.some((pattern) => pattern.test(one)))
        const wanted = FOR_ALL_RESOURCES.includes(sid) ? ['*'] : []
        expect({ role, sid, broad }).toEqual({ role, sid, broad: wanted })
      }
    }
  })

  chapter('has alarms on what the functions really count', async () => {
    const { platform, running, applied } = theWorld()
    const names = Object.values(applied).map(({ name }) => name)
    const counted = names.flatMap((name) => running.endpoint.logs(name)).flatMap(metricsIn)
    const alarms = (await platform.resources())
      .filter(({ type }) => type === 'aws_cloudwatch_metric_alarm')
      .map(({ values }) => values)
    const wanted = Object.entries(expected.alarms).flatMap(([name, kinds]) =>
      kinds.map((kind) => `${name}-${kind}`),
    )
    expect(alarms.map(({ alarm_name }) => alarm_name).sort()).toEqual(wanted.sort())
    for (const { namespace, metric_name, dimensions, alarm_actions, ok_actions } of alarms) {
      expect([alarm_actions ?? [], ok_actions ?? []]).toEqual([expected.actions, expected.actions])
      if (namespace === 'PromptRegistry')
        expect(counted).toContain(metricName(namespace, metric_name, dimensions))
      if (namespace === 'AWS/Lambda')
        expect(names.map((FunctionName) => ({ FunctionName }))).toContainEqual(dimensions)
    }
  })
}

/** `left`: what the emulator leaves of our modules, by type. */
export function lastChapter(
  theWorld: () => AccountWorld,
  left: Readonly<Record<string, readonly string[]>>,
): void {
  chapter('leaves nothing when it is destroyed', async () => {
    const { platform } = theWorld()
    const types = (await platform.resources())
      .filter(({ type, inModule }) => inModule && type !== 'terraform_data')
      .map(({ type }) => type)
    const before = await takeInventory(platform.aws, platform.url, types)
    // What is looked for was there.
    expect(Object.entries(before).filter(([, found]) => found.length === 0)).toEqual([])

    const { s3, close } = clientsOf(platform.url)
    for (const bucket of before.aws_s3_bucket ?? []) await removeDeleteMarkers(s3, bucket)
    close()
    await platform.terraform('destroy', '-auto-approve', '-no-color')
    const after = Object.entries(await takeInventory(platform.aws, platform.url, types))
    expect(Object.fromEntries(after.filter(([, found]) => found.length > 0))).toEqual(left)
  })
}
