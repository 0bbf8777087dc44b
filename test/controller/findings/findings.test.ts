import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { boundedFinding } from '../../../controller/findings/bounded-finding.ts'
import {
  type Finding,
  type FindingCode,
  isFindingCode,
  type NewFinding,
} from '../../../controller/findings/finding.ts'
import {
  codesOf,
  countFindings,
  findingChanges,
  newestFindings,
  newsAmong,
  nextFindings,
} from '../../../controller/findings/findings.ts'
import fc from '../../support/fast-check.ts'

type SubjectKind = NewFinding['subject']['kind']

const found = (
  code: FindingCode,
  name: string,
  kind: SubjectKind = 'file',
  message = 'It is.',
): NewFinding => ({
  code,
  subject: { kind, name },
  message,
})

const finding = (code: FindingCode, name: string, different: Partial<Finding> = {}): Finding => ({
  ...{
    code,
    subject: { kind: 'file', name },
    message: 'It is.',
    cause: null,
    first_seen: 't1',
    details: null,
  },
  ...different,
})

const names = (findings: readonly Pick<Finding, 'code' | 'subject'>[]) =>
  findings.map(({ code, subject }) => `${code} ${subject.name}`)

describe('the findings after a pass', () => {
  const never = () => false
  const always = () => true

  it('are those that it found, first seen then', () => {
    expect(nextFindings([], [found('refused', 'a', 'prompt')], always, 't1')).toEqual([
      {
        code: 'refused',
        subject: { kind: 'prompt', name: 'a' },
        message: 'It is.',
        cause: null,
        first_seen: 't1',
        details: null,
      },
    ])
  })

  it('keep their time while they are found, with the latest message, cause and details', () => {
    const before = [finding('failed', 'a', { message: 'Old.', cause: 'old', details: { old: 1 } })]
    const again: NewFinding = { ...found('failed', 'a'), message: 'New.', cause: 'new', details: { new: 1 } }
    expect(nextFindings(before, [again], always, 't2')).toEqual([
      finding('failed', 'a', { message: 'New.', cause: 'new', first_seen: 't1', details: { new: 1 } }),
    ])
    expect(nextFindings(before, [found('failed', 'a')], always, 't2')).toEqual([
      finding('failed', 'a', { message: 'It is.', first_seen: 't1' }),
    ])
  })

  it('lose those that a pass checked and did not find, and keep those that it did not check', () => {
    const before = [finding('quarantined', 'a'), finding('quarantined', 'b', { message: 'Old.' })]
    const looksAtA = ({ subject }: Finding) => subject.name === 'a'
    expect(nextFindings(before, [], looksAtA, 't2')).toEqual([
      finding('quarantined', 'b', { message: 'Old.' }),
    ])
    expect(nextFindings(before, [], never, 't2')).toEqual(before)
    expect(nextFindings(before, [], always, 't2')).toEqual([])
  })

  it('have a finding once if it was found but not checked', () => {
    const before = [finding('tag_lower', 'a', { message: 'Old.' })]
    expect(nextFindings(before, [found('tag_lower', 'a')], never, 't2')).toEqual([finding('tag_lower', 'a')])
  })

  it('have a new time if they were absent for a pass', () => {
    const [first] = nextFindings([], [found('failed', 'a')], always, 't1')
    const gone = nextFindings(first === undefined ? [] : [first], [], always, 't2')
    expect(nextFindings(gone, [found('failed', 'a')], always, 't3')[0]?.first_seen).toBe('t3')
  })

  it('have one finding per code and subject', () => {
    const all = [
      found('refused', 'a', 'prompt', 'First.'),
      found('refused', 'a', 'prompt', 'Second.'),
      found('refused', 'a', 'file'),
      found('held', 'a', 'prompt'),
    ]
    const after = nextFindings([], all, always, 't1')
    expect(names(after)).toEqual(['refused a', 'refused a', 'held a'])
    expect(after.map(({ subject, message }) => `${subject.kind} ${message}`)).toEqual([
      'file It is.',
      'prompt Second.',
      'prompt It is.',
    ])
  })

  it('are sorted by severity, then by name, and tags newest first', () => {
    const all = [
      ...['v1.9.0', 'v1.10.0', 'v1.1.0'].map((tag) => found('tag_unreachable', tag, 'tag')),
      found('tag_moved', 'v0.1.0', 'tag'),
      ...['b', 'a10', 'a9'].map((path) => found('quarantined', path)),
      found('mass_change', 'demo', 'source'),
    ]
    expect(names(nextFindings([], all, always, 't1'))).toEqual([
      'mass_change demo',
      'quarantined a10',
      'quarantined a9',
      'quarantined b',
      'tag_moved v0.1.0',
      'tag_unreachable v1.10.0',
      'tag_unreachable v1.9.0',
      'tag_unreachable v1.1.0',
    ])
  })
})

it('ignore a code that this controller does not know', () => {
  for (const code of ['', 'tag', 'constructor', '__proto__']) expect(isFindingCode(code)).toBe(false)
})

describe('the writes of findings', () => {
  const [a, b, c] = [finding('failed', 'a'), finding('failed', 'b'), finding('held', 'c')]

  it('are those that are new, changed or gone', () => {
    const after = [a, { ...b, message: 'Else.' }, finding('failed', 'd')]
    expect(findingChanges([a, b, c], after)).toEqual({
      put: [{ ...b, message: 'Else.' }, finding('failed', 'd')],
      remove: [{ code: 'held', subject: { kind: 'file', name: 'c' } }],
    })
  })

  it.each<[string, Partial<Finding>]>([
    ['cause', { cause: 'x' }],
    ['details', { details: { n: 1 } }],
    ['first_seen', { first_seen: 't0' }],
  ])('is a finding with another %s', (_what, different) => {
    expect(findingChanges([a], [{ ...a, ...different }]).put).toHaveLength(1)
  })

  it('are empty if nothing changed, regardless of key order and empty fields', () => {
    const { cause: _, details: __, ...bare } = a
    const reversed = Object.fromEntries(Object.entries({ ...b, details: { x: 1, y: [2] } }).reverse())
    const stored = [bare as Finding, { ...reversed, details: { y: [2], x: 1 } } as unknown as Finding]
    expect(findingChanges(stored, [a, { ...b, details: { x: 1, y: [2] } }])).toEqual({ put: [], remove: [] })
    expect(findingChanges([], [])).toEqual({ put: [], remove: [] })
  })

  it('turn any findings into any others', () => {
    const some = fc.uniqueArray(
      fc
        .tuple(
          fc.constantFrom('failed', 'held', 'refused'),
          fc.constantFrom('a', 'b', 'c'),
          fc.constantFrom('x', 'y'),
        )
        .map(([code, name, message]) => finding(code as FindingCode, name, { message })),
      { selector: ({ code, subject }) => `${code} ${subject.name}` },
    )
    fc.assert(
      fc.property(some, some, (before, after) => {
        const { put, remove } = findingChanges(before, after)
        const stored = new Map(before.map((one) => [names([one]).join(), one]))
        for (const one of put) stored.set(names([one]).join(), one)
        for (const key of remove) stored.delete(names([key]).join())
        expect(new Set(stored.values())).toEqual(new Set(after))
      }),
    )
  })
})

describe('the news among findings', () => {
  it('are those that are new, or have another message or cause', () => {
    const before = [finding('refused', 'a'), finding('held', 'b'), finding('failed', 'c')]
    const after = [
      finding('refused', 'a', { first_seen: 't2', details: { now: 'other' } }),
      finding('held', 'b', { message: 'It is held by another release.' }),
      finding('failed', 'c', { cause: 'reset' }),
      finding('refused', 'd'),
    ]
    expect(names(newsAmong(after, before))).toEqual(['held b', 'failed c', 'refused d'])
    expect(newsAmong(after, after)).toEqual([])
  })

  it('are not those that the registry has clipped', () => {
    const long = found('refused', 'n'.repeat(LIMITS.findingSubject + 1), 'file', 'x'.repeat(9000))
    expect(newsAmong([long], [boundedFinding(long, 't1')])).toEqual([])
  })
})

describe('the newest findings', () => {
  it('are those first seen most recently, then the most severe, up to a limit', () => {
    const all = [
      finding('failed', 'old', { first_seen: '2026-01-01T00:00:00.000Z' }),
      finding('unknown_name', 'new', { first_seen: '2026-01-03T00:00:00.000Z' }),
      finding('failed', 'new', { first_seen: '2026-01-03T00:00:00.000Z' }),
      finding('held', 'middle', { first_seen: '2026-01-02T00:00:00.000Z' }),
    ]
    expect(names(newestFindings(all, 3))).toEqual(['failed new', 'unknown_name new', 'held middle'])
    expect(newestFindings(all, 9)).toHaveLength(4)
    expect(newestFindings([], 3)).toEqual([])
  })
})

describe('counts of findings', () => {
  it('have the number of findings by code', () => {
    const all = [finding('held', 'a'), finding('refused', 'b'), finding('held', 'c')]
    expect(countFindings(all)).toEqual({ held: 2, refused: 1 })
    expect(countFindings([])).toEqual({})
  })

  it('list the codes of a class, most severe first', () => {
    const counts = { tag_lower: 1, quarantined: 1, refused: 2, held: 1, failed: 0 }
    expect(codesOf(counts, 'problem')).toEqual(['refused', 'quarantined'])
    expect(codesOf(counts, 'hold')).toEqual(['held'])
    expect(codesOf(counts, 'notice')).toEqual(['tag_lower'])
  })
})
