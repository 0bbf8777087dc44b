import { describe, expect, test } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { PromptRegistryClient } from '../../client/node-client.ts'
import { leased, passAt, SOURCE } from '../support/sets.ts'
import { quiet } from '../support/virtual-time.ts'
import { POINTER, started, TTL_MS } from './registry-client.ts'

const RESOLVE = 'POST /resolve'

/** The texts after what these reads begin in the background. */
async function readAfter(client: PromptRegistryClient, ...references: string[]): Promise<string[]> {
  const read = () =>
    Promise.all(
      references.map((reference) => client.get(reference).catch((error: { code: string }) => error.code)),
    )
  await read()
  await quiet()
  return await read()
}

/** A client that uses `a`, `b` and a pin, and has asked for the pointer of their source. */
async function following(...options: Parameters<typeof started>) {
  const world = await started(...options)
  const { client, time, requests } = world
  await client.getAll(['a', 'b', 'a@1.0.0'])
  time.jump(TTL_MS)
  expect(await readAfter(client, 'a', 'b', 'a@1.0.0')).toEqual(['a 1', 'b 1', 'a 1'])
  // The first time, a move between the answers and the pointer would not be noticed otherwise.
  expect(requests.splice(0)).toEqual([RESOLVE, POINTER, RESOLVE])
  return world
}

async function promoteByHand(writer: RegistryApi, prompt_id: string, content: string): Promise<void> {
  const { version } = await writer.push({ prompt_id, content, origin: { source: SOURCE } })
  await writer.promote(prompt_id, { version, alias: '1.5.0', source: SOURCE })
}

describe('outside of sessions, one conditional request a TTL', () => {
  test('refreshes all prompts of a source', async () => {
    const { client, time, requests } = await following()
    for (let ttl = 1; ttl <= 8; ttl++) {
      time.jump(TTL_MS)
      expect(await readAfter(client, 'a', 'b', 'a@1.0.0')).toEqual(['a 1', 'b 1', 'a 1'])
      expect(requests.splice(0)).toEqual([POINTER])
      expect(await client.resolve('b')).toMatchObject({ reason: 'cached', ageMs: 0, attempts: [] })
    }
  })

  test('notices a release, and asks for the prompts that are in use', async () => {
    const { client, writer, time, requests } = await following()
    await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a')).toEqual(['a 2'])
    expect(requests.splice(0)).toEqual([POINTER, RESOLVE])
    expect(await client.resolve('b')).toMatchObject({ text: 'b 2', reason: 'cached' })
  })

  test('leaves a prompt that is not in use as it is, until it is', async () => {
    const { client, writer, time, requests } = await following()
    time.jump(TTL_MS)
    await readAfter(client, 'a')
    await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a')).toEqual(['a 2'])
    expect(requests.splice(0)).toEqual([POINTER, POINTER, 'GET /prompts/a'])
    expect(await readAfter(client, 'b')).toEqual(['b 2'])
    expect(requests.splice(0)).toEqual([POINTER, 'GET /prompts/b'])
  })

  test('notices a change by hand, and a rollback of the source before and after its prompts follow', async () => {
    const { client, writer, time } = await following()
    await promoteByHand(writer, 'a', 'a by hand')
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a', 'b')).toEqual(['a by hand', 'b 1'])
    await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a')).toEqual(['a 2'])
    await writer.rollbackSource(SOURCE, {})
    time.jump(TTL_MS)
    await readAfter(client, 'a')
    expect(await client.resolve('a')).toMatchObject({ text: 'a 2', settling: true, source: SOURCE })
    const lease_token = await leased(writer)
    const { members } = await writer.releaseSet((await writer.currentSet(SOURCE)).set)
    const { prompts } = await writer.list({ source: SOURCE })
    await writer.batch({
      operations: prompts.map(({ prompt_id, revision }) => ({
        ...{ op: 'settle', prompt_id, identity: members[prompt_id] ?? null, expected_revision: revision },
        ...{ source: SOURCE, lease_token },
      })),
    })
    await writer.moveSet(SOURCE, { settled: true, lease_token })
    time.jump(TTL_MS)
    await readAfter(client, 'a')
    expect(await client.resolve('a')).toMatchObject({ text: 'a by hand', settling: false })
  })

  test('brings revocations to pins and to sessions', async () => {
    const { client, admin, time, requests } = await following()
    const run = await client.session({ source: SOURCE })
    await run.get('a')
    await admin.revoke('a', { version: '1.0.0', reason: 'It leaks.' })
    requests.length = 0
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a', 'b', 'a@1.0.0')).toEqual(['revoked', 'b 1', 'revoked'])
    await expect(run.get('a')).rejects.toMatchObject({ code: 'revoked' })
    expect(requests.filter((request) => request === POINTER)).toHaveLength(1)
  })

  test('brings revocations to prompts that are not in use', async () => {
    const { client, admin, time } = await following()
    time.jump(TTL_MS)
    await readAfter(client, 'a')
    await admin.revoke('b', { version: '1.0.0', reason: 'It leaks.' })
    time.jump(TTL_MS)
    await readAfter(client, 'a')
    await expect(client.get('b')).rejects.toMatchObject({ code: 'revoked' })
  })

  test('is the same for a session and reads outside of it', async () => {
    const { client, time, requests } = await following()
    const run = await client.session({ source: SOURCE })
    expect([await run.get('a'), await run.get('b')]).toEqual(['a 1', 'b 1'])
    expect(requests.splice(0)).toEqual([RESOLVE, RESOLVE])
    for (let ttl = 1; ttl <= 3; ttl++) {
      time.jump(TTL_MS)
      await Promise.all([run.get('a'), client.get('a'), client.get('b'), run.get('b')])
      await quiet()
      expect(requests.splice(0)).toEqual([POINTER])
      expect(await client.resolve('a')).toMatchObject({ reason: 'cached' })
    }
  })

  test('is for the prompts themselves once they are as old as staleForMs, so that news of no set arrive', async () => {
    const { client, writer, time, requests } = await following({}, { staleForMs: 3 * TTL_MS })
    const operation = { op: 'archive', prompt_id: 'a', archived: true, source: SOURCE } as const
    await writer.batch({ operations: [{ ...operation, lease_token: await leased(writer) }] })
    const asked: string[][] = []
    for (let ttl = 1; ttl <= 3; ttl++) {
      time.jump(TTL_MS)
      await readAfter(client, 'a', 'b', 'a@1.0.0')
      asked.push(requests.splice(0))
    }
    expect(asked).toEqual([[POINTER], [POINTER], [RESOLVE]])
    expect((await client.resolve('a')).archived).toBe(true)
  })
})

describe('a pointer that has not moved', () => {
  test('does not confirm an answer that was under way when it moved', async () => {
    const { client, writer, time, network } = await following()
    const run = await client.session({ source: SOURCE })
    let release = () => {}
    network.after = async ({ method }) => {
      if (method === 'GET') return
      network.after = async () => {}
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
    const late = client.getAll(['a', 'b'], { ttlMs: 0 })
    await quiet()
    await passAt(writer, '2.0.0', { a: 'a 2', b: 'b 2' })
    expect(await run.refresh()).toBe(true)
    release()
    expect([...(await late).values()]).toEqual(['a 1', 'b 1'])
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a', 'b')).toEqual(['a 2', 'b 2'])
  })

  test('says nothing of drafts, which are asked for themselves', async () => {
    const { client, writer, time, requests } = await started({}, { mode: 'dev' })
    expect(await client.get('a')).toBe('a 1')
    await writer.push({ prompt_id: 'a', content: 'a draft', origin: { source: SOURCE } })
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a')).toEqual(['a draft'])
    expect(requests).not.toContain(POINTER)
  })

  test('says nothing of drafts in a registry that serves them to readers without a mode', async () => {
    const { client, writer, time, requests } = await following({ settings: { allowedModes: ['dev'] } })
    await writer.push({ prompt_id: 'a', content: 'a draft', origin: { source: SOURCE } })
    time.jump(TTL_MS)
    expect(await readAfter(client, 'a')).toEqual(['a draft'])
    expect(requests).not.toContain(POINTER)
  })
})

describe('without a pointer', () => {
  test('prompts are asked for themselves, and a source without a set is not asked for it again for ten TTLs', async () => {
    const { client, writer, time, requests } = await started()
    const { version } = await writer.push({ prompt_id: 'c', content: 'c 1', origin: { source: 'other' } })
    await writer.promote('c', { version, source: 'other', lease_token: await leased(writer, 'other') })
    await client.get('c')
    requests.length = 0
    for (let ttl = 1; ttl <= 9; ttl++) {
      time.jump(TTL_MS)
      await readAfter(client, 'c')
    }
    const pointer = 'GET /sources/other/set'
    expect(requests.filter((request) => request === pointer)).toHaveLength(1)
    expect(requests.filter((request) => request !== pointer)).toHaveLength(9)
  })

  test('an outage is one request a second, and what is known is used', async () => {
    const { client, time, requests, network } = await following()
    network.before = async () => {
      throw new Error('down')
    }
    time.jump(TTL_MS)
    await readAfter(client, 'a', 'b')
    expect(requests.splice(0)).toEqual([POINTER])
    const known = await client.resolve('a')
    expect(known).toMatchObject({ text: 'a 1', stale: true, attempts: [{ code: 'unreachable' }] })
    time.jump(1000)
    await readAfter(client, 'a', 'b')
    expect(requests.splice(0)).toEqual([POINTER])
    network.before = async () => {}
    time.jump(1000)
    expect(await readAfter(client, 'a', 'b')).toEqual(['a 1', 'b 1'])
    expect(await client.resolve('a')).toMatchObject({ stale: false, attempts: [] })
  })
})
