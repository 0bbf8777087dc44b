import { expect, test } from 'vitest'
import type { PromptSession } from '../../client/index.ts'
import { passAt, SOURCE, stoppedPassAt } from '../support/sets.ts'
import { quiet } from '../support/virtual-time.ts'
import { POINTER, started, TTL_MS } from './registry-client.ts'

/** Reads once, and again after what that read began in the background. */
async function afterCheck(run: PromptSession, reference: string): Promise<string> {
  await run.get(reference).catch(() => undefined)
  await quiet()
  return await run.get(reference).catch((error: { code: string }) => error.code)
}

test('a session reads one generation while a source releases, by two requests and one in each TTL', async () => {
  const { client, writer, set, time, requests } = await started()
  const run = await client.session({ source: SOURCE })
  expect([await run.get('a'), run.set, run.release]).toEqual(['a 1', set, 'v1.0.0'])
  expect(requests.splice(0)).toEqual([POINTER, 'POST /resolve'])
  const next = await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
  expect([await run.get('a'), await run.get('b')]).toEqual(['a 1', 'b 1'])
  expect(requests.splice(0)).toEqual(['POST /resolve'])
  for (let ttl = 1; ttl <= 3; ttl++) {
    time.jump(TTL_MS)
    expect([await afterCheck(run, 'a'), await afterCheck(run, 'b')]).toEqual(['a 1', 'b 1'])
    expect(requests.splice(0)).toEqual([POINTER])
  }
  expect([await run.refresh(), run.set, run.release]).toEqual([true, next, 'v2.0.0'])
  expect([await run.get('a'), await run.get('b')]).toEqual(['a 2', 'b 2'])
})

test('a session never sees the half of a pass that is promoted', async () => {
  const { client, writer } = await started()
  const run = await client.session({ source: SOURCE })
  await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  const late = await client.session({ source: SOURCE })
  expect(await Promise.all([run.get('a'), late.get('a'), client.get('a')])).toEqual(['a 1', 'a 1', 'a 2'])
  // The stable versions too, so that the text of `get` never goes back to that of the set.
  expect(await client.getAll(['a', 'b'], { ttlMs: 0 })).toEqual(
    new Map([
      ['a', 'a 2'],
      ['b', 'b 1'],
    ]),
  )
})

test('a revocation reaches a session within a TTL, and the rest of its set stays', async () => {
  const { client, admin, time } = await started()
  const run = await client.session({ source: SOURCE })
  await Promise.all([run.get('a'), run.get('b')])
  await admin.revoke('a', { version: '1.0.0', reason: 'It leaks.' })
  time.jump(TTL_MS)
  expect([await afterCheck(run, 'a'), await afterCheck(run, 'b')]).toEqual(['revoked', 'b 1'])
  time.jump(100 * TTL_MS)
  expect(await afterCheck(run, 'a')).toBe('revoked')
})

test('members of a kept set are read although pins of former releases are blocked', async () => {
  const { client, writer } = await started({ settings: { deprecatedPins: 'block' } })
  const run = await client.session({ source: SOURCE })
  await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
  expect(await run.get('a')).toBe('a 1')
  await expect(client.get('a@1.0.0')).rejects.toMatchObject({ code: 'not_released' })
})

test('a prompt that no set has is read only if the session may leave its sets', async () => {
  const { client, writer } = await started()
  const { version } = await writer.push({ prompt_id: 'loose', content: 'of nobody' })
  await writer.promote('loose', { version })
  const [strict, open] = [
    await client.session({ source: SOURCE }),
    await client.session({ source: SOURCE, outside: 'stable' }),
  ]
  await expect(strict.get('loose')).rejects.toMatchObject({
    code: 'not_in_set',
    message: expect.stringContaining("outside: 'stable'"),
  })
  expect(await open.get('loose')).toBe('of nobody')
})

test('many reads at once are one request, and one check', async () => {
  const { client, time, requests } = await started()
  const run = await client.session({ source: SOURCE })
  requests.length = 0
  await Promise.all(Array.from({ length: 100 }, () => run.get('a')))
  expect(requests.splice(0)).toEqual(['POST /resolve'])
  time.jump(TTL_MS)
  await Promise.all(Array.from({ length: 100 }, () => run.get('a')))
  await quiet()
  expect(requests).toEqual([POINTER])
})

test('an option that no session has is refused', async () => {
  const { client } = await started()
  const misspelt = { source: SOURCE, outsid: 'stable' }
  await expect(client.session(misspelt)).rejects.toMatchObject({ code: 'invalid_configuration' })
})
