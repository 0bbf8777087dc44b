import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { MessagePort } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { startStoreWriter } from '../../../../controller/cli/workers/start-store-writer.ts'
import { remoteWrites, type WriteCalls } from '../../../../controller/cli/workers/store-writes.ts'
import { connectThread } from '../../../../controller/cli/workers/thread-calls.ts'
import { databaseFile } from '../../../support/registry-processes.ts'
import { scriptedPrompt } from '../../../support/registry-records.ts'

const WRITES = 20

async function started() {
  const file = await databaseFile()
  const reader = openSqliteStore({ file })
  const failures: unknown[] = []
  const writer = startStoreWriter({
    ...{ file, trouble: new SharedArrayBuffer(1), workers: 1 },
    onFailure: (error) => failures.push(error),
  })
  onTestFinished(() => reader.close())
  return { file, reader, writer, failures }
}

test('writes of several threads share one commit', async () => {
  const { file, reader, writer, failures } = await started()
  const other = new DatabaseSync(file)
  const { call } = connectThread<WriteCalls & { nothing: () => void }>(writer.ports[0] as MessagePort, {})
  const theirs = remoteWrites(call)
  other.exec('BEGIN IMMEDIATE')
  const written = Array.from({ length: WRITES }, (_, n) =>
    (n % 2 === 0 ? writer.writes : theirs).commit(scriptedPrompt(`p${n}`).push('one')),
  )
  // Messages keep their order, so after this answer the writer has all of them.
  await call('nothing', undefined)
  other.exec('COMMIT')
  other.close()
  expect(await Promise.all(written)).toEqual(Array(WRITES).fill(true))
  expect(commitsIn(file)).toBe(1)
  expect((await reader.prompts.snapshot('p19'))?.head.revision).toBe(1)
  await writer.end()
  expect(failures).toEqual([])
})

test('writes fail once the writer has ended', async () => {
  const { writer } = await started()
  await writer.end()
  await expect(writer.writes.purge('p')).rejects.toThrow('The other thread has ended.')
})

test('a writer that cannot start is reported', async () => {
  const failed = Promise.withResolvers<unknown>()
  const trouble = new SharedArrayBuffer(1)
  const writer = startStoreWriter({ file: '/dev/null', trouble, workers: 1, onFailure: failed.resolve })
  expect(String(await failed.promise)).toContain('/dev/null')
  await writer.end()
})

const [HEADER, FRAME_HEADER] = [32, 24]

/** The commits in the log of a database: the last frame of each one has the size of the database. */
function commitsIn(file: string): number {
  const log = readFileSync(`${file}-wal`)
  const frame = FRAME_HEADER + log.readUInt32BE(8)
  let commits = 0
  for (let at = HEADER; at < log.length; at += frame) if (log.readUInt32BE(at + 4) !== 0) commits++
  return commits
}
