import { describe, expect, test } from 'vitest'
import { batchParser } from '../../../controller/source/git/batch-parser.ts'
import { readSmall } from '../../../controller/source/git/small-object.ts'
import { MOST_OBJECT_BYTES } from '../../../controller/source/object-size.ts'

const OID = 'a'.repeat(40)

function parse(output: Buffer, chunk: number, hasContent = true) {
  const answers: unknown[] = []
  const take = batchParser(
    () => (hasContent ? 'contents' : 'info'),
    (answer) => answers.push(answer && [answer.type, answer.size, answer.bytes.toString()]),
  )
  for (let at = 0; at < output.length; at += chunk) take(output.subarray(at, at + chunk))
  return answers
}

describe('the output of cat-file', () => {
  const objects = ['', 'x', 'two\nlines\n', `${OID} blob 3\nabc\n`, 'y'.repeat(300)]
  const output = objects.map((text) => `${OID} blob ${text.length}\n${text}\n`).join(`${OID} missing\n`)

  test('is split into the same objects for any chunks', () => {
    const expected = objects.flatMap((text, index) => {
      const object = ['blob', text.length, text]
      return index === 0 ? [object] : [undefined, object]
    })
    for (const chunk of [1, 2, 3, 7, 50, 10_000]) expect(parse(Buffer.from(output), chunk)).toEqual(expected)
  })

  test('has no content if only sizes were requested', () => {
    const lines = `${OID} commit 240\n${OID} missing\n${OID} tree 0\n`
    for (const chunk of [1, 5, 1_000])
      expect(parse(Buffer.from(lines), chunk, false)).toEqual([
        ['commit', 240, ''],
        undefined,
        ['tree', 0, ''],
      ])
  })
})

test('an object that is too large is not requested', async () => {
  const asked: string[] = []
  const read = async (oid: string) => {
    asked.push(oid)
    return { type: 'tag', bytes: Buffer.alloc(0) }
  }
  const of = (size: number) => ({ read, info: async () => ({ type: 'tag', size }) })
  await expect(readSmall(of(MOST_OBJECT_BYTES + 1), OID)).rejects.toMatchObject({
    code: 'too_large',
    object: OID,
    message: `The tag object ${OID} has 1,048,577 bytes. At most 1 MiB is read. Delete its tag, or recreate it with a shorter message.`,
  })
  expect(asked).toEqual([])
  await readSmall(of(MOST_OBJECT_BYTES), OID)
  expect(asked).toEqual([OID])
  expect(await readSmall({ read, info: async () => undefined }, OID)).toBeUndefined()
})
