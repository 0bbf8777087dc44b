import type { DatabaseSync } from 'node:sqlite'
import { daysBefore } from '../../contract/day.ts'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { ReadCount, ReadStore } from '../read-store.ts'
import { reading } from './failures.ts'
import { notACursor } from './pages.ts'
import type { Writer } from './writer.ts'

/** Counted reads in SQLite. Each addition removes the counts that are too old. */
export function createSqliteReads(database: DatabaseSync, writer: Writer): ReadStore {
  const statements = prepareReadStatements(database)
  return {
    mostCounts: 10_000,
    add: (counts, keepDays) =>
      writer.write(() => {
        for (const { promptId, day, application, version, reads } of counts)
          statements.add.run(promptIdKey(promptId), day, application, version, reads)
        const newest = counts.reduce((latest, { day }) => (day > latest ? day : latest), '')
        if (newest !== '') statements.prune.run(daysBefore(newest, keepDays))
      }),
    list: reading((promptId, { from, limit, cursor }) => {
      const after = cursor === undefined ? [from, '', ''] : place(cursor)
      const rows = statements.list.all(promptIdKey(promptId), ...after, limit + 1) as unknown as CountRow[]
      const items = rows.slice(0, limit).map((row): ReadCount => ({ promptId, ...row }))
      return { items, next: rows.length > limit ? cursorOf(items.at(-1)) : null }
    }),
  }
}

type CountRow = Omit<ReadCount, 'promptId'>

export function prepareReadStatements(database: DatabaseSync) {
  return {
    add: database.prepare(
      `INSERT INTO reads (prompt, day, application, version, reads) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET reads = reads + excluded.reads`,
    ),
    prune: database.prepare('DELETE FROM reads WHERE day < ?'),
    list: database.prepare(
      `SELECT day, application, version, reads FROM reads
       WHERE prompt = ? AND (day, application, version) > (?, ?, ?) ORDER BY day, application, version LIMIT ?`,
    ),
  }
}

/** No part has a `#`. */
function cursorOf(last: ReadCount | undefined): string | null {
  return last === undefined ? null : `${last.day}#${last.application}#${last.version}`
}

function place(cursor: string): [string, string, string] {
  const [day, application, version, ...rest] = cursor.split('#')
  if (day === undefined || application === undefined || version === undefined || rest.length > 0)
    throw notACursor(cursor)
  return [day, application, version]
}
