import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Exposed, expose, type Pass } from './expose.ts'
import type { HostileCase } from './hostile-case.ts'

/** The most memory that `serve` may ever have had. Idle it has 130 MB. */
const MOST_PEAK_MB = 450
/** Cases that are read beside each other. */
const TOGETHER = 10
const ANSWERS = [{ status: 'ok' }, expect.objectContaining({ content: 'well' })]

/** Serves a good source beside hostile ones. It has to answer meanwhile, to report what it finds, and to end. */
export function describeHostile(cases: readonly HostileCase[]): void {
  const light = cases.filter(({ alone = false }) => !alone)
  const batches = Array.from({ length: Math.ceil(light.length / TOGETHER) }, (_, index) =>
    light.slice(index * TOGETHER, (index + 1) * TOGETHER),
  )
  const heavy = cases.filter(({ alone = false }) => alone).map((one) => [one])
  describe.each([...batches, ...heavy].map((batch) => ({ batch, first: batch[0]?.name })))(
    'serve beside hostile repositories, the first of which has $first,',
    ({ batch }) => {
      let exposed: Exposed
      beforeAll(async () => {
        exposed = await expose(batch)
      }, 180_000)
      afterAll(async () => await exposed?.end(), 60_000)

      it.each(batch.map((one) => [one.name, one] as const))(
        'answers while it reads %s, and says what it found',
        async (_name, one) => {
          const pass = await answering(exposed, exposed.passOf(one))
          expect(pass.result, pass.message).toBe(one.result ?? 'synced')
          if (!one.finds.includes('?')) expect(codesIn(pass), pass.message).toEqual([...one.finds].sort())
          expect(await exposed.answers()).toEqual(ANSWERS)
        },
        180_000,
      )

      it('has little memory, and ends when it is asked to', async () => {
        const peak = await exposed.peak()
        expect(await exposed.end()).toBe(0)
        expect(peak, 'the peak of its memory in MB').toBeLessThan(MOST_PEAK_MB)
      }, 60_000)
    },
  )
}

/** The pass, while the registry is asked again and again. */
async function answering({ answers }: Exposed, passing: Promise<Pass>): Promise<Pass> {
  let isRead = false
  const reading = passing.finally(() => {
    isRead = true
  })
  reading.catch(() => {})
  while (!isRead) expect(await answers()).toEqual(ANSWERS)
  return await reading
}

/** Counts of a pass are those of changes, and of findings by their codes. */
const CHANGES = [
  ...['pushed', 'promoted', 'named', 'archived', 'retired', 'healed', 'unchanged', 'ignored'],
  ...['failed', 'refused', 'held'],
]

function codesIn({ counts }: Pass): string[] {
  return Object.keys(counts)
    .filter((code) => (counts[code] ?? 0) > 0 && !CHANGES.includes(code))
    .sort()
}
