import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { Writer } from '../../../../api/store/sqlite/writer.ts'
import { outcome } from '../../../support/registry.ts'
import { databaseFile } from '../../../support/registry-processes.ts'
import { claim, scriptedPrompt, sourceRecord } from '../../../support/registry-records.ts'

/** A store whose timeout uses a clock of the test, and another connection that can hold the lock. */
async function contended() {
  const file = await databaseFile()
  const clock = { now: 0 }
  const store = openSqliteStore({ file, now: () => clock.now, random: () => 0, patienceMs: 1000 })
  const other = new DatabaseSync(file)
  onTestFinished(() => {
    store.close()
    other.close()
  })
  return { ...store, other, clock }
}

test('a write waits while another process writes, and then succeeds', async () => {
  const { prompts, sources, other, clock } = await contended()
  other.exec('BEGIN IMMEDIATE')
  const commit = prompts.commit(scriptedPrompt('p').push('one'))
  const replace = sources.replace(sourceRecord('git'), 0, [])
  await turn()
  clock.now = 999
  other.exec('COMMIT')
  expect([await commit, await replace]).toEqual([true, true])
})

test('a write that times out is busy, and has changed nothing', async () => {
  const { prompts, sources, other, clock } = await contended()
  other.exec('BEGIN IMMEDIATE')
  const codes = Promise.all([
    outcome(prompts.commit(scriptedPrompt('p').push('one'))),
    outcome(sources.replace(sourceRecord('git'), 0, [])),
  ])
  await turn()
  clock.now = 1000
  expect(await codes).toEqual(['busy', 'busy'])
  other.exec('COMMIT')
  expect(await prompts.snapshot('p')).toBeUndefined()
  expect(await prompts.commit(scriptedPrompt('p').push('one'))).toBe(true)
})

test('a later write has its own timeout', async () => {
  const { prompts, other, clock } = await contended()
  other.exec('BEGIN IMMEDIATE')
  const early = outcome(prompts.commit(scriptedPrompt('a').push('one')))
  await turn()
  clock.now = 900
  const late = prompts.commit(scriptedPrompt('b').push('one'))
  await turn()
  clock.now = 1000
  expect(await early).toBe('busy')
  other.exec('COMMIT')
  expect(await late).toBe(true)
})

test('reads work while another process writes', async () => {
  const { prompts, other } = await contended()
  const script = scriptedPrompt('p')
  await prompts.commit(script.push('one'))
  other.exec('BEGIN IMMEDIATE')
  other.exec("UPDATE prompts SET stable = 'nonsense'")
  expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
  await prompts.check()
  other.exec('ROLLBACK')
})

test('a write that fails does not fail concurrent ones', async () => {
  const { prompts } = await contended()
  const [a, b, c] = [scriptedPrompt('a'), scriptedPrompt('b'), scriptedPrompt('c')]
  await prompts.commit(a.push('one', { version: '1.0.0' }))
  const twice = a.amend({
    names: [claim('v1', { version: 'b', identity: 'b' }, null)],
    head: { owner: 'git' },
  })
  const results = await Promise.all([
    outcome(prompts.commit(b.push('one'))),
    outcome(prompts.commit(twice)),
    outcome(prompts.commit(c.push('one'))),
  ])
  expect(results).toEqual(['done', 'unavailable', 'done'])
  expect((await prompts.snapshot('a'))?.head.owner).toBeNull()
  expect((await prompts.snapshot('b'))?.head).toEqual(b.head())
  expect((await prompts.snapshot('c'))?.head).toEqual(c.head())
})

test('writes that arrive together share one transaction and one savepoint', async () => {
  const { prompts } = await contended()
  const executed = vi.spyOn(DatabaseSync.prototype, 'exec')
  const all = Array.from({ length: 20 }, (_, n) => prompts.commit(scriptedPrompt(`p${n}`).push('one')))
  expect(await Promise.all(all)).not.toContain(false)
  expect(executed.mock.calls.map(([sql]) => sql)).toEqual([
    ...['BEGIN IMMEDIATE', 'SAVEPOINT together', 'RELEASE together', 'COMMIT'],
  ])
})

test('the database itself refuses a second stable version', async () => {
  const { prompts } = await contended()
  const script = scriptedPrompt('p')
  const change = script.push('one', { version: 'a', status: 'stable' })
  await prompts.commit({ ...change, head: { ...change.head, stable: 'a' } })
  const before = await prompts.snapshot('p')
  expect(await outcome(prompts.commit(script.push('two', { version: 'b', status: 'stable' })))).toBe(
    'unavailable',
  )
  expect(await prompts.snapshot('p')).toEqual(before)
})

/** A writer on a database with space for this many pages of 4 KiB, on a disk with this many free bytes. */
function onSmallDatabase(pages: number) {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  database.exec(`CREATE TABLE texts (text TEXT) STRICT; PRAGMA max_page_count = ${pages}`)
  const insert = database.prepare('INSERT INTO texts VALUES (?)')
  const disk = { free: 0 }
  const trouble = new Uint8Array(1)
  const options = { now: () => 0, random: () => 0, patienceMs: 1000, freeBytes: () => disk.free, trouble }
  const writer = new Writer(database, options)
  return { database, writer, disk, write: (text: string) => outcome(writer.write(() => insert.run(text))) }
}

test('a full disk fails only the write, with storage_full', async () => {
  const { database, write } = onSmallDatabase(20)
  const results = await Promise.all([write('small'), write('x'.repeat(200_000)), write('small too')])
  expect(results[1]).toBe('storage_full')
  expect(database.isTransaction).toBe(false)
  expect(await write('later')).toBe('done')
  const kept = database.prepare('SELECT count(*) AS count FROM texts').get()?.count
  expect(kept).toBe(1 + results.filter((code) => code === 'done').length)
})

describe('after a write failed on a full disk', () => {
  test('the check fails while the disk is full, even if small writes work', async () => {
    const { writer, write } = onSmallDatabase(20)
    await writer.check()
    expect(await write('x'.repeat(200_000))).toBe('storage_full')
    expect(await write('small')).toBe('done')
    expect(await outcome(writer.check())).toBe('storage_full')
  })

  test('the check succeeds when there is space and a write works', async () => {
    const { database, writer, disk, write } = onSmallDatabase(20)
    await write('x'.repeat(200_000))
    disk.free = 100_000_000
    database.exec('PRAGMA max_page_count = 1000; PRAGMA query_only = 1')
    expect(await outcome(writer.check())).toBe('unavailable')
    database.exec('PRAGMA query_only = 0')
    expect(await outcome(writer.check())).toBe('done')
    disk.free = 0
    expect(await outcome(writer.check())).toBe('done')
  })
})

test('the check fails while the database is not writable', async () => {
  const { database, writer, write } = onSmallDatabase(20)
  database.exec('PRAGMA query_only = 1')
  expect(await write('one')).toBe('unavailable')
  expect(await outcome(writer.check())).toBe('unavailable')
  database.exec('PRAGMA query_only = 0')
  expect(await outcome(writer.check())).toBe('done')
})
