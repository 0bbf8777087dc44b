import { describe, expect, test } from 'vitest'
import type { AuditRow } from '../../../../api/contract/audit/audit-row.ts'
import { AuditTrail, servedWithin } from '../../../../api/contract/audit/audit-trail.ts'
import type { EventDocument } from '../../../../api/contract/registry-api.ts'

type Given = Pick<EventDocument, 'type'> & Partial<EventDocument>

/** Numbers the events of one prompt, one a day. */
function eventsOf(given: readonly Given[]): EventDocument[] {
  return given.map((event, index) => ({
    ...{ id: `e${index}`, prompt_id: 'p', sequence: index + 1, actor: 'will', reason: null },
    ...{ from: null, to: null, details: null, at: day(index + 1) },
    ...event,
  }))
}

function day(number: number): string {
  return `2026-01-${String(number).padStart(2, '0')}T00:00:00.000Z`
}

function rowsOf(...given: Given[]): readonly AuditRow[] {
  const trail = new AuditTrail('staging')
  for (const event of eventsOf(given)) trail.add(event)
  return trail.rows()
}

/** What served when, and by which act. */
function services(rows: readonly AuditRow[]) {
  return rows.map(({ version, served_from, served_until, asked, stopped }) =>
    [
      version,
      asked?.act ?? null,
      served_from?.slice(8, 10) ?? null,
      served_until?.slice(8, 10),
      stopped?.act,
    ].join(' '),
  )
}

const TAG = {
  ...{ tag: 'v1.0.0', tag_object: 't'.repeat(40), commit: 'c'.repeat(40), tagger: 'Ada <a@b>' },
  ...{ tagged_at: day(1), signer: 'ada@example.com' },
  pull_request: { number: 7, author: 'ada', approved_by: ['grace'] },
}
const named: Given = { type: 'alias_added', to: 'a', details: { alias: '1.0.0', ...TAG } }
const promoted = (from: string | null, to: string, details: Given['details'] = null): Given => ({
  type: 'promoted',
  ...{ from, to, details },
})

test('a row has the seven facts of a release', () => {
  expect(
    rowsOf(
      { type: 'owner_changed', to: 'support' },
      named,
      promoted(null, 'a', { release: '1.0.0', ...TAG }),
      promoted('a', 'b', { changed: ['config'] }),
    )[0],
  ).toEqual({
    ...{ environment: 'staging', source: 'support', prompt_id: 'p', version: 'a' },
    ...{ release: '1.0.0', later_releases: [] },
    asked: { by: 'tag', act: 'promoted', actor: 'will', claimed: false, reason: null },
    tag: {
      name: 'v1.0.0',
      object: TAG.tag_object,
      commit: TAG.commit,
      tagger: 'Ada <a@b>',
      tagged_at: day(1),
    },
    approved: { pull_request: 7, author: 'ada', by: ['grace'] },
    ...{ signed: 'ada@example.com', evidence: [], set: null },
    changed: { from: null, parts: null, inputs: [] },
    ...{ served_from: day(3), served_until: day(4) },
    stopped: { act: 'promoted', actor: 'will', claimed: false, reason: null },
  })
})

describe('a version serves', () => {
  test.each<[string, string[], Given[]]>([
    [
      'until another one is promoted',
      ['a promoted 01 02 promoted', 'b promoted 02  '],
      [promoted(null, 'a'), promoted('a', 'b')],
    ],
    [
      'again after a rollback',
      ['a promoted 01 02 promoted', 'b promoted 02 03 rolled_back', 'a rolled_back 03  '],
      [promoted(null, 'a'), promoted('a', 'b'), { type: 'rolled_back', from: 'b', to: 'a' }],
    ],
    [
      'until it is revoked, and another one after that',
      ['a promoted 01 02 promoted', 'b promoted 02 04 revoked', 'a rolled_back 05  '],
      [
        ...[promoted(null, 'a'), promoted('a', 'b'), { type: 'revoked', to: 'x' } as const],
        { type: 'revoked', to: 'b', details: { was: 'stable' } },
        { type: 'rolled_back', from: 'b', to: 'a' },
      ],
    ],
    [
      'until the prompt is retired',
      ['a promoted 01 02 retired'],
      [promoted(null, 'a'), { type: 'retired', from: 'a' }],
    ],
    [
      'until the prompt is deleted',
      ['a promoted 01 02 deleted'],
      [promoted(null, 'a'), { type: 'deleted', from: 'a' }],
    ],
    [
      'again once it is restored from git',
      ['a promoted 01 02 promoted', 'b promoted 02 03 healed', 'a healed 03  '],
      [
        promoted(null, 'a'),
        promoted('a', 'b'),
        { type: 'healed', from: 'b', to: 'a', details: { what: 'stable' } },
      ],
    ],
    [
      'while its prompt is archived, held or has drafts',
      ['a promoted 01  '],
      [
        ...[promoted(null, 'a'), { type: 'archived' } as const, { type: 'held' } as const],
        ...[{ type: 'version_pushed', to: 'b' } as const],
        { type: 'healed', from: 'b', to: 'a', details: { what: 'latest' } },
      ],
    ],
    [
      'before the first event, if an event says so',
      ['a   01 promoted', 'b promoted 01  '],
      [promoted('a', 'b')],
    ],
    [
      'before the first event, if it is revoked while it is stable',
      ['a   01 revoked', 'b rolled_back 02  '],
      [
        { type: 'revoked', to: 'a', details: { was: 'stable' } },
        { type: 'rolled_back', from: 'a', to: 'b' },
      ],
    ],
    ['never, if it was revoked as a draft', [], [{ type: 'revoked', to: 'a', details: { was: 'draft' } }]],
  ])('%s', (_, expected, given) => {
    expect(services(rowsOf(...given))).toEqual(expected)
  })
})

describe('the release of a version', () => {
  test('is kept in a rollback, with its tag and signer, while the person asked', () => {
    const [, , row] = rowsOf(
      ...[named, promoted(null, 'a', { release: '1.0.0', ...TAG }), promoted('a', 'b')],
      {
        type: 'rolled_back',
        from: 'b',
        to: 'a',
        actor: 'arn:aws:iam::1:user/ada (claimed)',
        reason: 'too chatty',
      },
    )
    expect(row).toMatchObject({
      release: '1.0.0',
      tag: { name: 'v1.0.0' },
      signed: 'ada@example.com',
      approved: { by: ['grace'] },
      asked: { by: 'person', act: 'rolled_back', claimed: true, reason: 'too chatty' },
    })
  })

  test('keeps its tag if a person promotes it', () => {
    const [row] = rowsOf(named, promoted(null, 'a', { release: '1.0.0' }))
    expect(row).toMatchObject({ release: '1.0.0', tag: { name: 'v1.0.0' }, asked: { by: 'person' } })
  })

  test('keeps the signer and the approval of its tag if it waited', () => {
    const { signer, pull_request, ...later } = TAG
    const [row] = rowsOf(named, promoted(null, 'a', { release: '1.0.0', ...later, signer: null }))
    expect(row).toMatchObject({ signed: signer, approved: { by: pull_request.approved_by } })
  })

  test('does not take over the signer of a tag that was moved', () => {
    const moved = { ...TAG, tag_object: 'm'.repeat(40), signer: null }
    const [row] = rowsOf(named, promoted(null, 'a', { release: '1.0.0', ...moved }))
    expect(row).toMatchObject({ signed: null, tag: { object: moved.tag_object } })
  })

  test('is the one that was promoted, even if the version has a higher name', () => {
    const waiting: Given = {
      type: 'alias_added',
      to: 'a',
      details: { alias: '2.0.0', ...TAG, tag: 'v2.0.0' },
    }
    const [row] = rowsOf(waiting, promoted(null, 'a', { release: '1.0.0', ...TAG }))
    expect(row).toMatchObject({ release: '1.0.0', tag: { name: 'v1.0.0' } })
  })

  test('is the highest one of a version that had several', () => {
    const older: Given = { type: 'alias_added', to: 'a', details: { alias: '0.9.0', ...TAG, tag: 'v0.9.0' } }
    const word: Given = { type: 'alias_added', to: 'a', details: { alias: 'blue' } }
    const rows = rowsOf(named, older, word, promoted(null, 'b'), { type: 'rolled_back', from: 'b', to: 'a' })
    expect(rows[1]).toMatchObject({ release: '1.0.0', tag: { name: 'v1.0.0' } })
  })

  test('lists later ones that named it while it served', () => {
    const raised = (to: string, release: string): Given => ({
      type: 'release_raised',
      to,
      details: { release },
    })
    const [row] = rowsOf(
      promoted(null, 'a'),
      raised('a', '1.1.0'),
      raised('b', '9.0.0'),
      raised('a', '1.2.0'),
    )
    expect(row?.later_releases).toEqual(['1.1.0', '1.2.0'])
  })

  test('may have come without a pull request, which is not the same as unknown', () => {
    const { pull_request: _, ...unknown } = TAG
    const approvals = [{ ...unknown, pull_request: null }, unknown].map(
      (tag) => rowsOf(promoted(null, 'a', { release: '1.0.0', ...tag }))[0]?.approved,
    )
    expect(approvals).toEqual([{ pull_request: null, author: null, by: [] }, null])
  })
})

test('the evidence is that of the promotion, also after a rollback, and not that of an earlier one', () => {
  const eval_ = { name: 'eval', result: 'PASSED' }
  const back: Given = { type: 'rolled_back', from: 'b', to: 'a' }
  const rows = rowsOf(
    promoted(null, 'a', { evidence: [eval_] }),
    promoted('a', 'b'),
    back,
    promoted('a', 'a'),
  )
  expect(rows.map(({ evidence }) => evidence)).toEqual([[eval_], [], [eval_], []])
})

test('an event that comes again changes nothing', () => {
  const events = eventsOf([
    promoted(null, 'a'),
    promoted('a', 'b'),
    { type: 'rolled_back', from: 'b', to: 'a' },
  ])
  const trail = new AuditTrail('staging')
  for (const event of [...events, ...events.slice(1)]) trail.add(event)
  expect(services(trail.rows())).toEqual(services(rowsOf(...events)))
})

test.each([
  [{}, true],
  [{ from: day(4) }, false],
  [{ from: day(3) }, true],
  [{ to: day(2) }, false],
  [{ to: day(3) }, true],
])('a service from day 2 to day 4 is within %o: %s', (period, expected) => {
  const [row] = rowsOf(
    { type: 'held' },
    promoted(null, 'a'),
    { type: 'held' },
    { type: 'retired', from: 'a' },
  )
  expect(row && servedWithin(row, period)).toBe(expected)
})

test.each([
  ['support-ci', false],
  ['arn:aws:iam::123456789012:user/ada (claimed)', true],
  ['promptctl/ada', true],
  ['promptctl', true],
])('the actor %s is claimed: %s', (actor, claimed) => {
  expect(rowsOf({ ...promoted(null, 'a'), actor })[0]?.asked).toMatchObject({ actor, claimed })
})
