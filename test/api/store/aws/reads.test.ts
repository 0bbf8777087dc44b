import { QueryCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import type { ReadCount } from '../../../../api/store/read-store.ts'
import { describeOnAws } from '../../../support/aws/moto.ts'
import { callsOf } from '../../../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../../../support/aws/world.ts'

const COUNT: ReadCount = {
  promptId: 'Team/p',
  version: 'v1',
  application: 'triage',
  day: '2026-01-31',
  reads: 3,
}

async function world(): Promise<AwsWorld> {
  const made = await makeWorld()
  onTestFinished(made.close)
  return made
}

describeOnAws('counted reads on AWS', () => {
  test('are rows below #reads# with the time at which DynamoDB removes them, written with one call', async () => {
    const { open, direct, table, ...rest } = await world()
    const { reads } = open()
    const counts = [COUNT, { ...COUNT, promptId: 'other' }, { ...COUNT, version: 'v2' }]
    expect(await callsOf({ open, direct, table, ...rest }, () => reads.add(counts, 90))).toEqual({
      TransactWriteItems: 1,
    })
    const { Items } = await direct.dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'prompt_key = :hash',
        ExpressionAttributeValues: { ':hash': { S: '#reads#team/p' } },
      }),
    )
    expect(Items?.[0]).toEqual({
      prompt_key: { S: '#reads#team/p' },
      version: { S: '2026-01-31#triage#v1' },
      schema: { N: '1' },
      reads: { N: '3' },
      expires_at: { N: String(Date.parse('2026-05-02') / 1000) },
    })
  })

  test('are added again while AWS refuses, and reported as unconfirmed if an answer was lost', async () => {
    const { open, proxy } = await world()
    const { reads } = open({ pause: async () => undefined })
    proxy.fault = (_call, number) => (number < 2 ? 'conflict' : undefined)
    await reads.add([COUNT], 90)
    proxy.reset()
    proxy.fault = () => 'throttle'
    await expect(reads.add([COUNT], 90)).rejects.toMatchObject({ code: 'busy', details: undefined })
    proxy.fault = (_call, number) => (number === 0 ? 'drop' : 'throttle')
    proxy.reset()
    await expect(reads.add([COUNT], 90)).rejects.toMatchObject({ details: { unconfirmed: true } })
    proxy.fault = null
    const { items } = await reads.list('Team/p', { from: '2026-01-01', limit: 10 })
    expect(items, 'the first one, and the one without an answer').toEqual([{ ...COUNT, reads: 6 }])
  })
})
