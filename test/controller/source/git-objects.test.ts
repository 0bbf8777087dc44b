import { Duplex } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { batchParser } from '../../../controller/source/git/batch-parser.ts'
import { readSmall } from '../../../controller/source/git/small-object.ts'
import { MOST_OBJECT_BYTES } from '../../../controller/source/object-size.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { sourceOf, withWorld } from './git-world.ts'

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

test('files are asked for in groups, and a commit once', async () => {
  await withWorld(async ({ repository, options }) => {
    await repository.commit(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, `text ${n}`])))
    const git = sourceOf(options())
    const listing = await git.listRefs()
    const snapshot = await git.open(listing)
    const files = await snapshot.tree(listing.commit, WHOLE_TREE)
    const oids = files.map(({ oid }) => oid)
    await Array.fromAsync(snapshot.blobs(oids, 1000))
    const written = vi.spyOn(Duplex.prototype, 'write')
    const asked = () =>
      written.mock.calls
        .splice(0)
        .flatMap(([text]) => (/^(info|contents) [0-9a-f]{40}\n/.test(String(text)) ? [String(text)] : []))
    const blobs = await Array.fromAsync(snapshot.blobs(oids, 1000))
    expect(blobs.map(({ oid }) => oid)).toEqual(oids)
    const groups = asked()
    expect(groups.join('')).toBe(oids.map((oid) => `contents ${oid}\n`).join(''))
    expect(groups.length).toBeLessThan(10)
    const commits = await Promise.all(oids.map(() => snapshot.commit(listing.commit)))
    expect(new Set(commits).size).toBe(1)
    expect(asked()).toEqual([`info ${listing.commit}\n`, `contents ${listing.commit}\n`])
    await snapshot.close()
  })
})
