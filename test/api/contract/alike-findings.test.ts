import { expect, test } from 'vitest'
import { alikeFindings } from '../../../api/contract/alike-findings.ts'

const finding = (name: string, message: string, code = 'tag_empty', kind: 'tag' | 'file' = 'tag') => ({
  ...{ code, message },
  subject: { kind, name },
})

test('findings that differ only in the name of their subject are one group', () => {
  const all = [
    finding('v1', 'Tag v1 is empty. Move v1.'),
    finding('p', 'Tag p is odd.'),
    finding('v2', 'Tag v2 is empty. Move v2.'),
  ]
  expect(alikeFindings(all)).toEqual([[all[0], all[2]], [all[1]]])
})

test('findings with another code, kind, place of the name or reason stay apart', () => {
  const all = [
    finding('a', 'a is empty.'),
    finding('a', 'a is empty.', 'tag_lower'),
    finding('b', 'b is empty.', 'tag_empty', 'file'),
    finding('b', 'It is empty, b.'),
    finding('b', 'b is large.'),
    finding('', 'is empty.'),
  ]
  expect(alikeFindings(all)).toHaveLength(all.length)
})
