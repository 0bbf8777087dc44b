import { describe, expect, test } from 'vitest'
import { createRefReader } from '../../../controller/source/git/ref-reader.ts'
import { REF_LIMITS } from '../../../controller/source/ref-limits.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const isReleaseBranch = (name: string) => name.startsWith('release/')

function read(lines: readonly string[], { chunk = 7, limits = REF_LIMITS, branch = 'main' } = {}) {
  const reader = createRefReader({ branch, isReleaseBranch }, limits)
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  for (let at = 0; at < bytes.length; at += chunk) reader.add(bytes.subarray(at, at + chunk))
  return reader.listing()
}

const HEAD = `${A}\trefs/heads/main`
const tags = (count: number) => Array.from({ length: count }, (_, index) => `${A}\trefs/tags/v${index}`)

describe('the output of ls-remote', () => {
  test('is read from any chunks, even with multi-byte names', () => {
    const lines = [HEAD, `${B}\trefs/heads/release/ü`, `${B}\trefs/tags/größe`, `${A}\trefs/tags/größe^{}`]
    for (const chunk of [1, 2, 3, 41, 1000])
      expect(read(lines, { chunk })).toEqual({
        branch: 'main',
        commit: A,
        branches: [{ name: 'release/ü', commit: B }],
        tags: [{ name: 'größe', commit: A, object: B }],
      })
  })

  test('is a listing only with the tracked branch', () => {
    expect(read([`${A}\trefs/heads/other`])).toBeNull()
    expect(read([`${A}\trefs/x/refs/heads/main`])).toBeNull()
  })

  test('may have tags and release branches up to the limit, and not one more', () => {
    const limits = { refs: 100, bytes: REF_LIMITS.bytes }
    const branches = [`${A}\trefs/heads/release/1`, `${A}\trefs/heads/release/2`]
    expect(read([HEAD, ...branches, ...tags(98)], { limits })?.tags).toHaveLength(98)
    expect(() => read([HEAD, ...branches, ...tags(99)], { limits })).toThrow(/more than 100 tags/)
    // Other branches, and what an annotated tag stands for, do not count.
    const others = Array.from({ length: 300 }, (_, index) => `${A}\trefs/heads/topic/${index}`)
    const annotated = tags(98).flatMap((line) => [line, `${line}^{}`])
    expect(read([HEAD, ...others, ...branches, ...annotated], { limits })?.tags).toHaveLength(98)
  })

  test('is not read completely if it is too large', () => {
    const reader = createRefReader({ branch: 'main', isReleaseBranch }, { refs: 9, bytes: 1000 })
    expect(reader.add(Buffer.alloc(1000, 'x'))).toBe(true)
    expect(reader.add(Buffer.from('x'))).toBe(false)
    expect(reader.add(Buffer.from('x'))).toBe(false)
    expect(() => reader.listing()).toThrow(expect.objectContaining({ code: 'too_large' }))
  })

  test('of the largest allowed repository takes linear time and is sorted', () => {
    const lines = [HEAD, ...tags(REF_LIMITS.refs)]
    const listing = read(lines, { chunk: 64 * 1024 })
    expect(listing?.tags).toHaveLength(100_000)
    expect(listing?.tags.at(-1)?.name).toBe('v99999')
  })
})
