import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ClientEvent } from '../../client/events.ts'
import type { ClientOptions } from '../../client/options.ts'
import { scratchFolder } from '../support/scratch.ts'
import { quiet } from '../support/virtual-time.ts'
import { fakeClient } from './fake-client.ts'
import { fakeRegistry } from './fake-registry.ts'
import { fakeTime } from './fake-time.ts'

const MINUTE = 60_000

async function world() {
  const file = join(await scratchFolder(), 'state', 'prompts.json')
  const registry = fakeRegistry({ a: 'A', b: 'B' })
  const time = fakeTime()
  const start = (options: ClientOptions = {}) => {
    const now = () => 1e12 + time.clock()
    const client = fakeClient(registry, time, { now, snapshot: { file }, ...options })
    const events: ClientEvent[] = []
    client.on('event', (event) => events.push(event))
    return { client, events }
  }
  /** A client that has resolved `a` and written its snapshot. */
  const warmed = async (options: ClientOptions = {}) => {
    const { client } = start(options)
    await client.get('a')
    await client.close()
    registry.requests.length = 0
  }
  return { file, registry, time, start, warmed }
}

describe('a client that starts again', () => {
  test('needs no request within the TTL', async () => {
    const { start, warmed, registry } = await world()
    await warmed()
    const { client } = start()
    expect(await client.resolve('a')).toMatchObject({ text: 'A', reason: 'cached', tier: 'http' })
    expect(registry.requests).toEqual([])
  })

  test('has the last known text when the registry refuses connections', async () => {
    const { start, warmed, registry, time } = await world()
    await warmed()
    await time.pass(5 * MINUTE)
    registry.fault = 'refused'
    const { client } = start()
    expect(await client.resolve('a')).toMatchObject({
      text: 'A',
      reason: 'last_known_good',
      ageMs: 5 * MINUTE,
    })
  })

  test('waits at most a second for a registry that hangs', async () => {
    const { start, warmed, registry, time } = await world()
    await warmed()
    await time.pass(MINUTE)
    registry.fault = 'hangs'
    const { client } = start()
    // The file is read in real time.
    await client.close()
    const called = client.get('a')
    await quiet()
    await expect.poll(() => registry.requests.length).toBe(1)
    await time.pass(1000)
    expect(await called).toBe('A')
  })

  test('keeps a revocation, also if there is a local file', async () => {
    const { file, start, registry, time } = await world()
    registry.prompts.set('a', { content: 'A', refused: 'revoked' })
    const first = start()
    await first.client.get('a').catch(() => undefined)
    await first.client.close()
    await time.pass(MINUTE)
    registry.fault = 'refused'
    const localDir = join(file, '../local')
    await mkdir(localDir)
    await writeFile(join(localDir, 'a.txt'), 'From disk.')
    await expect(start({ localDir }).client.get('a')).rejects.toMatchObject({ code: 'revoked' })
  })

  test('asks first if the clock was set back', async () => {
    const { start, warmed, registry, time } = await world()
    await warmed()
    const { client } = start({ now: () => 5e11 + time.clock() })
    await client.get('a')
    expect(registry.requests).toEqual(['GET /prompts/a'])
  })

  test('of another mode has nothing', async () => {
    const { start, warmed, registry } = await world()
    await warmed()
    registry.fault = 500
    await expect(start({ mode: 'dev' }).client.get('a')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a snapshot that cannot be used is ignored with an event, and replaced', () => {
  test.each([
    ['of another registry', { registryUrl: 'http://other.test' }, (text: string) => text, 'another registry'],
    ['that is cut', {}, (text: string) => text.slice(0, -20), 'checksum'],
    ['that was changed', {}, (text: string) => text.replace('"A"', '"Z"'), 'checksum'],
    ['of another version', {}, (text: string) => text.replace('"schema":1', '"schema":9'), 'version 9'],
    ['that is something else', {}, () => 'hello', 'not JSON'],
    ['that is empty', {}, () => '', 'not JSON'],
  ])('%s', async (_what, options, damage, message) => {
    const { file, start, warmed, registry, time } = await world()
    await warmed()
    await writeFile(file, damage(await readFile(file, 'utf8')))
    const { client, events } = start(options)
    registry.fault = 'refused'
    const failed = client.get('a').catch(({ code }) => code)
    await expect.poll(() => registry.requests.length).toBe(1)
    await time.pass(1000)
    expect(await failed).toBe('unavailable')
    expect(events[0]).toEqual({ type: 'snapshot_ignored', file, message: expect.stringContaining(message) })
    registry.fault = 'none'
    await time.pass(5000)
    await client.get('b')
    await client.close()
    expect(await readFile(file, 'utf8')).toContain('"reference":"b"')
  })
})

test('a snapshot is written a second after a change, once', async () => {
  const { file, start, time } = await world()
  const { client } = start()
  await client.getAll(['a', 'b'])
  await time.pass(999)
  await expect(readFile(file)).rejects.toThrow('ENOENT')
  await time.pass(1)
  await client.close()
  expect(JSON.parse((await readFile(file, 'utf8')).split('\n')[1] ?? '')).toHaveLength(2)
})

test('a snapshot that cannot be written changes nothing but gives an event', async () => {
  const { start } = await world()
  const { client, events } = start({ snapshot: { file: '/dev/null/x' } })
  expect(await client.get('a')).toBe('A')
  await client.close()
  expect(events.map(({ type }) => type)).toEqual(['snapshot_ignored', 'snapshot_failed'])
})
