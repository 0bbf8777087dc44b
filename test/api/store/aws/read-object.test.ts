import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readObject, type StoredObject } from '../../../../api/store/aws/read-object.ts'

const MIB = 1024 * 1024
const never = new AbortController().signal

/** The body of an object of 150 MiB, and the number of bytes read. */
function large() {
  let taken = 0
  const stream = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      taken += 64 * 1024
      this.push(taken > 150 * MIB ? null : Buffer.alloc(64 * 1024))
    },
  })
  return { Body: stream as StoredObject['Body'], stream, taken: () => taken }
}

test('an object of 150 MiB is refused by its length, and nothing of it is read', async () => {
  const { Body, stream, taken } = large()
  expect(await readObject({ Body, ContentLength: 150 * MIB }, MIB, never)).toBe('too_large')
  expect([stream.destroyed, taken()]).toEqual([true, 0])
})

test('an object without its length, or with a wrong one, is read up to the limit', async () => {
  for (const length of [{}, { ContentLength: 10 }]) {
    const { Body, stream, taken } = large()
    expect(await readObject({ Body, ...length }, MIB, never)).toBe('too_large')
    expect(stream.destroyed).toBe(true)
    expect(taken()).toBeLessThanOrEqual(2 * MIB)
  }
})

test('an object is read byte for byte', async () => {
  const parts = [Buffer.from('Grü'), Buffer.from('ße')]
  const Body = Readable.from(parts) as StoredObject['Body']
  expect(await readObject({ Body }, MIB, never)).toEqual(Buffer.from('Grüße'))
  expect(await readObject({ Body: undefined }, MIB, never)).toEqual(new Uint8Array())
})

test('a stalled object is abandoned when time runs out', async () => {
  const controller = new AbortController()
  const stream = new Readable({ read() {} })
  const reading = readObject({ Body: stream as StoredObject['Body'] }, MIB, controller.signal)
  controller.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  expect(stream.destroyed).toBe(true)
})
