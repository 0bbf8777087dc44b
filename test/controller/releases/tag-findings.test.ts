import { describe, expect, it } from 'vitest'
import type { NewFinding } from '../../../controller/findings/finding.ts'
import {
  conflictingTag,
  deletedTag,
  emptyTag,
  incompleteTag,
  invalidLayoutAt,
  lowerTag,
  movedTag,
  notReleaseTag,
  pendingSignatures,
  unmatchedTags,
  unreachableTag,
  unverifiedTag,
} from '../../../controller/releases/tag-findings.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const V1 = { name: 'v1', commit: B }
const IDS = ['a', 'b', 'c', 'd', 'e']

describe('a finding about a tag', () => {
  it.each<[found: NewFinding, code: NewFinding['code'], message: string, details?: object]>([
    [notReleaseTag('v1', '"1" is not one'), 'tag_not_release', 'Tag v1 releases nothing: "1" is not one.'],
    [emptyTag('v1', 'it is empty'), 'tag_empty', 'Tag v1 releases nothing: it is empty.'],
    [invalidLayoutAt('v1', 'It is wrong.'), 'tag_layout_invalid', 'At the commit of tag v1: It is wrong.'],
    [
      incompleteTag('v1', [{ path: 'a.txt', problem: 'Line 2: It is wrong.' }]),
      'tag_incomplete',
      'Tag v1 does not release the file a.txt: Line 2: It is wrong.',
      { count: 1 },
    ],
    [
      incompleteTag('v1', [
        { path: 'a.txt', problem: 'It is empty.' },
        { path: 'b.txt', problem: 'It has a secret.' },
      ]),
      'tag_incomplete',
      'Tag v1 does not release 2 files. a.txt: It is empty. b.txt: It has a secret.',
      { count: 2 },
    ],
    [
      incompleteTag(
        'v1',
        ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, problem: 'It is empty.' })),
      ),
      'tag_incomplete',
      'Tag v1 does not release 5 files. a, b, c and 2 more: It is empty.',
      { count: 5 },
    ],
    [
      conflictingTag('v1', 'tag 1.0.0', ['a'], '1.0.0', true),
      'release_conflict',
      'Tag v1 cannot release 1.0.0 of "a": tag 1.0.0 has that release, with another file. Release this file under a new version.',
      { by: 'tag 1.0.0', release: '1.0.0', ids: ['a'] },
    ],
    [
      conflictingTag('v1', 'version x', IDS, '1.0.0', false),
      'tag_conflict',
      'Tag v1 cannot release 1.0.0 of "a", "b", "c" and 2 more: version x has that release, with another file. Release this file under a new version.',
      { by: 'version x', release: '1.0.0', ids: IDS },
    ],
    [
      lowerTag('v1', '1.0.0', ['a', 'b'], '2.0.0'),
      'tag_lower',
      'Tag v1 promotes nothing: release 1.0.0 of "a", "b" is not above 2.0.0, which is already released. Its versions can still be pinned.',
      { release: '1.0.0', highest: '2.0.0', count: 2 },
    ],
    [
      movedTag(V1, A),
      'tag_moved',
      'Tag v1 was moved from aaaaaaaaaaaa to bbbbbbbbbbbb. It stays at aaaaaaaaaaaa, where it first counted. Release the new commit under a new version.',
      { from: A, to: B },
    ],
    [
      deletedTag('v1', A),
      'tag_deleted',
      'Tag v1 was deleted. Everything that it released at aaaaaaaaaaaa stays released.',
      { commit: A },
    ],
    [
      unreachableTag(V1, 'branch main or release/*', true),
      'release_unreachable',
      'Tag v1 is not on branch main or release/*. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
      { commit: B },
    ],
    [
      unreachableTag(V1, 'branch main', false),
      'tag_unreachable',
      'Tag v1 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
      { commit: B },
    ],
    [
      unverifiedTag(V1, 'it is not signed', { counts: false, newest: true }),
      'release_unverified',
      'Tag v1 does not count: it is not signed. Sign it with "git tag -s -f", or release under a new version.',
      { commit: B, problem: 'it is not signed' },
    ],
    [
      unverifiedTag(V1, 'it is not signed', { counts: false, newest: false }),
      'tag_unverified',
      'Tag v1 does not count: it is not signed. Sign it with "git tag -s -f", or release under a new version.',
      { commit: B, problem: 'it is not signed' },
    ],
    [
      unverifiedTag(V1, 'it is not signed', { counts: true, newest: true }),
      'tag_unverified',
      'Tag v1 counts, but it is not signed.',
      { commit: B, problem: 'it is not signed' },
    ],
  ])('names the tag, what happened and what to do: $code', (found, code, message, details) => {
    expect(found).toEqual({
      code,
      subject: { kind: 'tag', name: 'v1' },
      message,
      ...(details !== undefined && { details }),
    })
  })

  it('lists a limited number of prompts', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `p${index}`)
    expect(conflictingTag('v1', 'x', ids, '1.0.0', true).details?.ids).toHaveLength(200)
  })
})

describe('pending signatures', () => {
  it('are one finding with their number, or no finding if there are none', () => {
    expect(pendingSignatures(0)).toEqual([])
    expect(pendingSignatures(1)).toEqual([
      {
        code: 'signatures_pending',
        subject: { kind: 'repository', name: '' },
        message:
          'The signature of 1 release tag is not read yet, because the host limits requests. The next pass continues.',
        details: { count: 1 },
      },
    ])
    expect(pendingSignatures(7)[0]?.message).toMatch(/^The signatures of 7 release tags are not read yet/)
  })
})

describe('tags that match no pattern', () => {
  it('are one finding that names the first, or no finding if there are none', () => {
    expect(unmatchedTags([], ['v{version}'])).toEqual([])
    expect(unmatchedTags(['b', 'a'], ['v{version}', '{version}'])).toEqual([
      {
        code: 'tags_unmatched',
        subject: { kind: 'repository', name: '' },
        message:
          '2 tags match no release pattern (newest: b). If they are releases, add their pattern to releases. Current patterns: v{version}, {version}.',
        details: { count: 2, tags: ['b', 'a'] },
      },
    ])
  })
})
