import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tokenAuth } from '../../../api/http/auth.ts'
import { createWrongTokens } from '../../../api/http/wrong-tokens.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const RIGHT = 'the-token-of-an-operator'
const MINUTE = 60_000

function guarded() {
  const told: string[] = []
  let now = 1_000_000
  const wrong = createWrongTokens({ tell: (sentence) => told.push(sentence), now: () => now })
  const sha256 = createHash('sha256').update(RIGHT).digest('hex')
  const auth = tokenAuth([{ name: 'ops', access: 'admin', sources: 'any', sha256 }], wrong)
  const { app } = appUnderTest({ auth })
  const ask = async (token: string, remoteAddress = '203.0.113.7') => {
    const env = { incoming: { socket: { remoteAddress } } }
    return await app.request('/prompts', { headers: { authorization: `Bearer ${token}` } }, env)
  }
  const statuses = async (count: number, address?: string) => {
    const all: number[] = []
    for (let turn = 0; turn < count; turn++) all.push((await ask(`guess-${turn}`, address)).status)
    return all
  }
  return { told, ask, statuses, pass: (ms: number) => (now += ms), wrong }
}

describe('wrong tokens', () => {
  test('are limited by address after 20 in a minute, with the time to wait', async () => {
    const { ask, statuses, pass } = guarded()
    expect(await statuses(22)).toEqual([...Array(20).fill(401), 429, 429])
    const limited = await ask('another')
    expect(limited.headers.get('retry-after')).toBe('60')
    expect(await refusal(limited)).toMatchObject({ code: 'rate_limited' })
    expect(await statuses(1, '203.0.113.8')).toEqual([401])
    pass(MINUTE)
    expect(await statuses(1)).toEqual([401])
  })

  test('never block a valid one from the same address', async () => {
    const { ask, statuses } = guarded()
    await statuses(100)
    expect((await ask(RIGHT)).status).toBe(200)
    expect((await ask(RIGHT)).status).toBe(200)
  })

  test('are logged with their address, without the token, at most twice a minute', async () => {
    const { told, statuses, pass } = guarded()
    await statuses(3_000)
    expect(told).toEqual([
      'A wrong bearer token came from 203.0.113.7.',
      'More than 20 wrong bearer tokens came from 203.0.113.7 within a minute; it gets 429 until the minute ends.',
    ])
    pass(MINUTE)
    await statuses(1)
    expect(told).toHaveLength(3)
    expect(told.join()).not.toContain('guess')
  })

  test('of one IPv6 network count together, and mapped addresses count as IPv4', () => {
    const { wrong, told } = guarded()
    const addresses = ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::ffff:1']
    for (let turn = 0; turn < 20; turn++) wrong.isTooMany(addresses[turn % 3])
    expect(wrong.isTooMany('2001:db8:1:2::99')).toBe(true)
    expect(wrong.isTooMany('2001:db8:1:3::1')).toBe(false)
    wrong.isTooMany('::ffff:192.0.2.1')
    wrong.isTooMany('::1')
    wrong.isTooMany('fe80::1%eth0')
    wrong.isTooMany(undefined)
    expect(
      told.filter((sentence) => sentence.startsWith('A wrong')).map((sentence) => sentence.slice(31)),
    ).toEqual([
      '2001:db8:1:2::/64.',
      '2001:db8:1:3::/64.',
      '192.0.2.1.',
      '0:0:0:0::/64.',
      'fe80:0:0:0::/64.',
      'an unknown address.',
    ])
  })

  test('are remembered for a limited number of addresses', () => {
    const { wrong } = guarded()
    for (let turn = 0; turn < 21; turn++) wrong.isTooMany('first')
    for (let address = 0; address < 10_000; address++) wrong.isTooMany(`address ${address}`)
    expect(wrong.isTooMany('first')).toBe(false)
  })
})
