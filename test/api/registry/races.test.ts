import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { makeRegistry, outcome, type TestRegistry } from '../../support/registry.ts'
import { swap, type Tally } from '../../support/registry-child.ts'
import { checkReads, checkRevoked, checkState, everything } from '../../support/registry-line.ts'
import { databaseFile, startChild } from '../../support/registry-processes.ts'

/** A registry on a file, with one prompt `p` of five versions. Two of them were stable. */
async function withVersions(file: string): Promise<TestRegistry> {
  const registry = makeRegistry({ file, name: 'parent' })
  onTestFinished(registry.close)
  for (let index = 0; index < 5; index++)
    await registry.admin.push({ prompt_id: 'p', content: `text ${index}`, version: `v${index}` })
  await registry.admin.promote('p', { version: 'v0' })
  await registry.admin.promote('p', { version: 'v1' })
  return registry
}

/** Reads `p` in every way until stopped, and returns everything it saw. */
function watch({ admin, prompts }: TestRegistry, file: string) {
  const raw = new DatabaseSync(file, { readOnly: true })
  onTestFinished(() => raw.close())
  const stable = raw.prepare(
    `SELECT count(*) AS count FROM versions WHERE prompt = 'p' AND status = 'stable'`,
  )
  const seen = { counts: new Set<unknown>(), moments: new Set<string>(), served: new Set<string>(), reads: 0 }
  let watching = true
  let revision = 0
  const look = async () => {
    while (watching) {
      await turn()
      seen.counts.add(stable.get()?.count)
      const snapshot = await prompts.snapshot('p')
      const same = snapshot?.stable?.version === snapshot?.head.stable
      seen.moments.add(`${snapshot?.stable?.status}, ${same ? 'of the head' : 'of another head'}`)
      expect(snapshot?.head.revision).toBeGreaterThanOrEqual(revision)
      revision = snapshot?.head.revision ?? 0
      const { status, content } = await admin.resolve('p')
      seen.served.add(`${status} ${content.slice(0, 4)}`)
      seen.reads++
    }
  }
  const readers = Promise.all([look(), look(), look()])
  return async () => {
    watching = false
    await readers
    return seen
  }
}

async function expectOneStory(
  registry: TestRegistry,
  tallies: readonly Tally[],
  writes: number,
): Promise<void> {
  const after = await everything(registry.prompts, 'p')
  if (after === undefined) expect.unreachable('the prompt is lost')
  checkState(after)
  const told = tallies.map((tally) => ({
    done: tally.done ?? 0,
    all: Object.values(tally).reduce((a, b) => a + b),
  }))
  expect(told.reduce((sum, { all }) => sum + all, 0)).toBe(writes)
  // Rollbacks in a row may reach the first release and are then refused.
  const codes = new Set(tallies.flatMap(Object.keys))
  expect([...codes].filter((code) => code !== 'done' && code !== 'nothing_to_roll_back_to')).toEqual([])
  expect(told.reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(writes / 2)
}

const ONE_STABLE = {
  counts: new Set([1]),
  moments: new Set(['stable, of the head']),
  served: new Set(['stable text']),
}

test('200 concurrent promotions and rollbacks always leave exactly one stable version', async () => {
  const file = await databaseFile()
  const registry = await withVersions(file)
  const stop = watch(registry, file)
  const tally = await swap({ file, name: 'swap', count: 200 })
  const { reads, ...seen } = await stop()
  expect(seen).toEqual(ONE_STABLE)
  expect(reads).toBeGreaterThan(0)
  await expectOneStory(registry, [tally], 200)
})

test('two processes on one file always show exactly one stable version', async () => {
  const file = await databaseFile()
  const registry = await withVersions(file)
  const stop = watch(registry, file)
  const children = ['left', 'right'].map((name) => startChild({ file, name, task: 'swap', count: 100 }))
  const tallies = await Promise.all(
    children.map(async ({ lines, ended }) => {
      let last = ''
      for await (const line of lines) last = line
      await ended
      return JSON.parse(last) as Tally
    }),
  )
  const { reads, ...seen } = await stop()
  expect(seen).toEqual(ONE_STABLE)
  expect(reads).toBeGreaterThan(0)
  await expectOneStory(registry, tallies, 200)
  const { events } = await registry.admin.events('p', { limit: 1000 })
  const writers = new Set(events.map(({ id }) => id.split('-')[0]))
  expect(writers).toEqual(new Set(['parent', 'left', 'right']))
})

test('many concurrent operations of all kinds leave a consistent history', async () => {
  const file = await databaseFile()
  const registry = await withVersions(file)
  const other = makeRegistry({ file, name: 'other' })
  onTestFinished(other.close)
  const codes = await Promise.all(
    Array.from({ length: 120 }, (_, index) => {
      const { admin } = index % 2 === 0 ? registry : other
      const version = `v${index % 5}`
      const calls = [
        () => admin.push({ prompt_id: 'p', content: `more ${index % 9}` }),
        () => admin.addAlias('p', { version, alias: `1.0.${index % 7}` }),
        () => admin.promote('p', { version }),
        () => admin.rollback('p', {}),
        () => admin.hold('p', {}),
        () => admin.unhold('p', {}),
        () => admin.revoke('p', { version: 'v4' }),
        () => admin.promote('p', { version, alias: `2.0.${index}` }),
      ]
      return outcome(calls[index % calls.length]?.() ?? Promise.reject(new Error('no call')))
    }),
  )
  expect(codes).not.toContain('busy')
  expect(codes).not.toContain('unavailable')
  const after = await everything(registry.prompts, 'p')
  if (after === undefined) expect.unreachable('the prompt is lost')
  checkState(after)
  checkRevoked(after)
  await checkReads(other.admin, after)
})

test('of many promotions on one revision, one succeeds', async () => {
  const file = await databaseFile()
  const registry = await withVersions(file)
  const other = makeRegistry({ file, name: 'other' })
  onTestFinished(other.close)
  const { revision } = await registry.admin.resolve('p')
  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      outcome(
        (index % 2 === 0 ? registry : other).admin.promote('p', {
          version: `v${2 + (index % 3)}`,
          expected_revision: revision,
        }),
      ),
    ),
  )
  expect(codes.filter((code) => code === 'done')).toHaveLength(1)
  expect(codes.filter((code) => code === 'revision_conflict')).toHaveLength(19)
})

test('a prompt refuses the token of an older lease, even if a batch read the lease before', async () => {
  const file = await databaseFile()
  const woken = Promise.withResolvers<void>()
  const stalled = Promise.withResolvers<void>()
  let armed = true
  const slow = makeRegistry({
    file,
    name: 'slow',
    between: (prompts) => ({
      ...prompts,
      async commit(change) {
        if (!armed) return await prompts.commit(change)
        armed = false
        stalled.resolve()
        await woken.promise
        return await prompts.commit(change)
      },
    }),
  })
  const quick = makeRegistry({ file, name: 'quick' })
  onTestFinished(slow.close)
  onTestFinished(quick.close)
  const take = async ({ admin }: TestRegistry) =>
    (await admin.lease('git', { holder: 'same' })).lease?.token ?? 0
  const push = (content: string, lease_token: number) => ({
    prompt_id: 'p',
    content,
    origin: { source: 'git' },
    lease_token,
  })
  const old = await take(slow)
  const batch = slow.admin.batch({
    operations: ['one', 'two'].map((content) => ({ op: 'push' as const, ...push(content, old) })),
  })
  await stalled.promise
  const current = await take(quick)
  await quick.admin.push(push('new', current))
  woken.resolve()
  const { outcomes } = await batch
  expect(outcomes).toMatchObject([{ code: 'lease_lost' }, { code: 'lease_lost' }])
  const { versions } = await quick.admin.versions('p')
  expect(versions).toHaveLength(1)
  expect((await quick.prompts.snapshot('p'))?.head.fences).toEqual({ git: current })
})

test('a process killed while writing leaves every prompt intact, and loses no acknowledged write', async () => {
  const file = await databaseFile()
  for (let round = 0; round < 4; round++) {
    const child = startChild({ file, name: `round${round}`, task: 'forever' })
    const answered = new Map<string, number>()
    let lines = 0
    for await (const line of child.lines) {
      const [id = '', revision] = line.split(' ')
      answered.set(id, Math.max(answered.get(id) ?? 0, Number(revision)))
      if (++lines === 1 + round * 10) child.process.kill('SIGKILL')
    }
    await child.ended
    const registry = makeRegistry({ file, name: `check${round}` })
    for (const [id, revision] of answered) {
      const after = await everything(registry.prompts, id)
      if (after === undefined) expect.unreachable(`the prompt ${id} is lost`)
      checkState(after)
      expect(after.head.revision).toBeGreaterThanOrEqual(revision)
      for (const version of after.versions) await registry.prompts.content(id, version)
    }
    registry.close()
  }
  const raw = new DatabaseSync(file)
  expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  raw.close()
})

test('processes that open a new file at once all get a working registry', async () => {
  const file = await databaseFile()
  const names = Array.from({ length: 6 }, (_, index) => `p${index}`)
  await Promise.all(names.map((name) => startChild({ file, name, task: 'open' }).ended))
  const registry = makeRegistry({ file })
  onTestFinished(registry.close)
  expect((await registry.admin.list()).prompts.map(({ prompt_id }) => prompt_id)).toEqual(names)
})
