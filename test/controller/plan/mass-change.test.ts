import { describe, expect, it } from 'vitest'
import { judgeMassChange, type Upheaval } from '../../../controller/plan/mass-change.ts'
import fc from '../../support/fast-check.ts'

const LIMITS = { share: 0.5, least: 10 }
const NOTHING: Upheaval = { prompts: 20, missing: [], quarantined: [], replaced: [], retired: [], owned: 20 }
const names = (count: number) => Array.from({ length: count }, (_, n) => `p${n}`)

describe('a mass change', () => {
  it.each(['missing', 'quarantined', 'replaced', 'retired'] as const)(
    'is more than the share of the prompts that are %s',
    (kind) => {
      const judged = (count: number) => judgeMassChange({ ...NOTHING, [kind]: names(count) }, LIMITS)
      expect(judged(10)).toBeNull()
      expect(judged(11)).toMatchObject({ [kind]: 11, examples: ['p0', 'p1', 'p2', 'p3', 'p4'] })
    },
  )

  it('needs at least the minimum number of prompts, regardless of their share', () => {
    const all = (count: number) => ({ ...NOTHING, prompts: count, missing: names(count) })
    expect(judgeMassChange(all(9), LIMITS)).toBeNull()
    expect(judgeMassChange(all(10), LIMITS)).not.toBeNull()
  })

  it('never happens if the share is 1', () => {
    expect(judgeMassChange({ ...NOTHING, missing: names(20) }, { share: 1, least: 1 })).toBeNull()
  })

  it('counts each kind separately, and reports all that exceed the limit', () => {
    expect(judgeMassChange({ ...NOTHING, missing: names(8), quarantined: names(8) }, LIMITS)).toBeNull()
    const both = { ...NOTHING, missing: names(11), quarantined: ['x.txt', ...names(11)], replaced: names(1) }
    expect(judgeMassChange(both, LIMITS)).toMatchObject({
      replaced: 1,
      message:
        '11 of 20 prompts are gone from the branch (p0, p1, p2, p3, p4 and 6 more), and 12 of 20 prompts have a file that cannot become a version (x.txt, p0, p1, p2, p3 and 7 more).',
    })
  })

  it('is monotonic: more missing prompts never make it smaller', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.nat(40),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (count, more, share) => {
          const judged = (missing: number) =>
            judgeMassChange({ ...NOTHING, prompts: 40, missing: names(missing) }, { share, least: 5 })
          if (judged(count) !== null && count + more <= 40) expect(judged(count + more)).not.toBeNull()
        },
      ),
    )
  })
})
