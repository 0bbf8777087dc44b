import { describe, expect, it } from 'vitest'
import { decodeFile } from '../../../../api/contract/reading/index.ts'

const MOST = 296 * 1024

describe('decodeFile', () => {
  it.each([
    ['LF', 'a\nb\n'],
    ['CRLF', 'a\r\nb\r\n'],
    ['a byte order mark', '\uFEFFa'],
    ['a replacement character of its own', 'a\uFFFDb'],
    ['characters outside the basic plane', '🙂'],
    ['nothing', ''],
    ['as many bytes as a file may have', 'é'.repeat(MOST / 2)],
  ])('keeps a text with %s', (_what, text) => {
    expect(decodeFile(Buffer.from(text))).toBe(text)
  })

  it.each([
    ['a byte that is not UTF-8', Buffer.from([0x61, 0x0a, 0xff]), 'not_utf8', 2],
    ['a cut character before a line feed', Buffer.from([0xc3, 0x0a, 0x61]), 'not_utf8', 1],
    ['a surrogate', Buffer.from([0x0a, 0x0a, 0xed, 0xa0, 0x80]), 'not_utf8', 3],
    ['an overlong character', Buffer.from([0xc0, 0xaf]), 'not_utf8', 1],
    ['UTF-16', Buffer.from('\uFEFFab', 'utf16le'), 'not_utf8', undefined],
    [
      'Latin-1 after a replacement character',
      Buffer.concat([Buffer.from('\uFFFD\n'), Buffer.from([0xe9])]),
      'not_utf8',
      2,
    ],
    ['a NUL in a binary file', Buffer.from([0x0a, 0xff, 0x00]), 'nul_character', 2],
    ['a NUL', Buffer.from('a\nb\0'), 'nul_character', 2],
    ['one byte too many', Buffer.alloc(MOST + 1, 'x'), 'file_too_large', undefined],
    [
      'a Git LFS pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1\n'),
      'lfs_pointer',
      undefined,
    ],
  ])('refuses %s and names the line', (_what, bytes, code, line) => {
    expect(decodeFile(bytes)).toEqual({
      code,
      ...(line !== undefined && { line }),
      message: expect.stringMatching(/^The .+\. .+\.$/),
    })
  })

  it('names UTF-16, which editors on Windows write', () => {
    expect(decodeFile(Buffer.from('\uFEFFab', 'utf16le'))).toMatchObject({
      message: expect.stringContaining('UTF-16'),
    })
  })
})
