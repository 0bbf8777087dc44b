import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { PointerChange, SetMove, SetPointer, StoredSet } from '../set-records.ts'
import { keyOf, type Row, row, text } from './keys.ts'

/** The rows of a move, for one transaction. Refused if the pointer is no longer at the expected sequence. */
export function pointerWrites(
  table: string,
  { pointer, expectedSequence }: PointerChange,
): TransactWriteItem[] {
  const isFirst = expectedSequence === 0
  return [
    {
      Put: {
        TableName: table,
        Item: pointerRow(pointer),
        ConditionExpression: isFirst ? 'attribute_not_exists(prompt_key)' : '#sequence = :expected',
        ...(!isFirst && {
          ExpressionAttributeNames: { '#sequence': 'sequence' },
          ExpressionAttributeValues: { ':expected': { N: String(expectedSequence) } },
        }),
      },
    },
    { Put: { TableName: table, Item: moveRow(pointer.move) } },
  ]
}

export function pointerRow(pointer: SetPointer): Row {
  const { source, sequence } = pointer.move
  return row(keyOf.pointer(source), {
    sequence: { N: String(sequence) },
    record: { S: JSON.stringify(pointer) },
  })
}

export function moveRow(move: SetMove): Row {
  return row(keyOf.move(move.source, move.sequence), { record: { S: JSON.stringify(move) } })
}

/** The row of a set in a table without other writers. */
export function storedSetRow({ digest, source, usedAt, kept }: StoredSet): Row {
  return row(keyOf.storedSet(source, digest), { used_at: { N: String(usedAt) }, kept: { BOOL: kept } })
}

export function storedSetOf(source: string, found: Row): StoredSet {
  const digest = (text(found.version) ?? '').slice('set#'.length)
  return { digest, source, usedAt: Number(found.used_at?.N), kept: found.kept?.BOOL === true }
}

/** No prompt id begins with a dot. */
export function setKey(digest: string): string {
  return `.sets/${digest}.json`
}

/** No prompt id begins with a dot. */
export function proofKey(digest: string): string {
  return `.proofs/${digest}.json`
}
