import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { Writer } from '../../../../api/store/sqlite/writer.ts'
import { outcome } from '../../../support/registry.ts'
import { databaseFile } from '../../../support/registry-processes.ts'
import { claim, scriptedPrompt, sourceRecord } from '../../../support/registry-records.ts'

/** A store whose patience is counted by a clock of the test, and another connection that can hold the lock. */
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

test('a write waits while another process writes, and goes through when that has ended', async () => {
  const { prompts, sources, other, clock } = await contended()
  other.exec('BEGIN IMMEDIATE')
  const commit = prompts.commit(scriptedPrompt('p').push('one'))
  const replace = sources.replace(sourceRecord('git'), 0, [])
  await turn()
  clock.now = 999
  other.exec('COMMIT')
  expect([await commit, await replace]).toEqual([true, true])
})

test('a write whose patience ends is busy, and has changed nothing', async () => {
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

test('a write that came later keeps its own patience', async () => {
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

test('reads answer while another process writes', async () => {
  const { prompts, other } = await contended()
  const script = scriptedPrompt('p')
  await prompts.commit(script.push('one'))
  other.exec('BEGIN IMMEDIATE')
  other.exec("UPDATE prompts SET stable = 'nonsense'")
  expect((await prompts.snapshot('p'))?.head).toEqual(script.head())
  await prompts.check()
  other.exec('ROLLBACK')
})

test('a write that fails takes none with it that came at the same time', async () => {
  const { prompts } = await contended()
  const [a, b, c] = [scriptedPrompt('a'), scriptedPrompt('b'), scriptedPrompt('c')]
  await prompts.commit(a.push('one', { label: '1.0.0' }))
  const twice = a.amend({ names: [claim('v1', '1.0.0', null)], head: { owner: 'git' } })
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

test('the database itself refuses a second stable version', async () => {
  const { prompts } = await contended()
  const script = scriptedPrompt('p')
  const change = script.push('one', { label: 'a', status: 'stable' })
  await prompts.commit({ ...change, head: { ...change.head, stable: 'a' } })
  const before = await prompts.snapshot('p')
  expect(await outcome(prompts.commit(script.push('two', { label: 'b', status: 'stable' })))).toBe(
    'unavailable',
  )
  expect(await prompts.snapshot('p')).toEqual(before)
})

test('a disk that is full fails the write and nothing else', async () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE texts (text TEXT) STRICT; PRAGMA max_page_count = 20')
  const insert = database.prepare('INSERT INTO texts VALUES (?)')
  const writer = new Writer(database, { now: () => 0, random: () => 0, patienceMs: 1000 })
  const write = (text: string) => outcome(writer.write(() => insert.run(text)))
  const results = await Promise.all([write('small'), write('x'.repeat(200_000)), write('small too')])
  expect(results[1]).toBe('unavailable')
  expect(database.isTransaction).toBe(false)
  expect(await write('later')).toBe('done')
  const kept = database.prepare('SELECT count(*) AS count FROM texts').get()?.count
  expect(kept).toBe(1 + results.filter((code) => code === 'done').length)
})
