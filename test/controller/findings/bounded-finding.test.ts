import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { boundedFinding, subjectName } from '../../../controller/findings/bounded-finding.ts'
import type { NewFinding } from '../../../controller/findings/finding.ts'
import { nextFindings } from '../../../controller/findings/findings.ts'

const BLOB = 'b'.repeat(40)

const found = (name: string, message = 'It is.'): NewFinding => ({
  code: 'failed',
  subject: { kind: 'file', name },
  message,
})

describe("a finding within the registry's limits", () => {
  it('is unchanged if it fits', () => {
    const whole: NewFinding = {
      ...found('a'),
      cause: 'c',
      details: { blob: BLOB, ids: ['a'], more: { n: 1 } },
    }
    expect(boundedFinding(whole, 't1')).toEqual({ ...whole, first_seen: 't1' })
  })

  it('has a message and a cause of bounded length', () => {
    const { message, cause } = boundedFinding(
      { ...found('a', `${'é'.repeat(3000)}end`), cause: 'c'.repeat(3000) },
      't1',
    )
    expect(message.length).toBeLessThanOrEqual(LIMITS.findingMessage)
    expect(message).toMatch(/^é+…$/)
    expect(cause?.length).toBeLessThanOrEqual(LIMITS.findingMessage)
  })

  it('has no NUL and no lone surrogate in any string', () => {
    const bad = 'a\0\ud800b'
    const all = boundedFinding(
      { ...found(bad, bad), cause: bad, details: { a: bad, b: [bad, { c: bad }] } },
      't1',
    )
    expect(JSON.stringify(all)).not.toMatch(/\\u0000|\\ud800/)
    expect(all.details).toEqual({ a: 'a\uFFFDb', b: ['a\uFFFDb', { c: 'a\uFFFDb' }] })
  })

  it('has the name of its subject, or the start of it and a digest', () => {
    const most = 'x'.repeat(LIMITS.findingSubject)
    expect(subjectName('prompts/é 🙂.txt')).toBe('prompts/é 🙂.txt')
    expect(subjectName(most)).toBe(most)
    const longer = [
      `${most}a`,
      `${most}b`,
      `${'x'.repeat(LIMITS.findingSubject - 18)}${'🙂'.repeat(20)}`,
      'a\0b',
      'ab',
      'a\ud800',
      'a\uFFFD',
    ].map(subjectName)
    expect(new Set(longer).size).toBe(7)
    for (const name of longer) {
      expect(name.length).toBeLessThanOrEqual(LIMITS.findingSubject)
      expect([name.isWellFormed(), name.includes('\0')]).toEqual([true, false])
      expect(subjectName(name)).toBe(name)
    }
  })

  it('is the same finding in the next pass, even with a very long name', () => {
    const long = found('x'.repeat(5000))
    const first = nextFindings([], [long], () => true, 't1')
    expect(nextFindings(first, [long], () => true, 't2')).toEqual(first)
  })
})
