import fc from 'fast-check'
import { createMemoryRepository } from './memory-repository.ts'
import { type Setting, type Step, setting, step } from './steps.ts'
import { World } from './world.ts'

/** Runs random histories of repositories in memory, and checks after every pass what must be true of it. Gives what happened in them, and how often. */
export async function checkHistories(
  parameters: fc.Parameters<[[boolean, Setting, Step[]]]>,
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' })
  // With a bias towards small values, most of a history would come to nothing.
  const history = fc.noBias(fc.tuple(fc.boolean(), setting, steps))
  await fc.assert(
    fc.asyncProperty(history, async ([forgetful, chosen, all]) => {
      const world = await World.begin(createMemoryRepository({ forgetful }), chosen)
      for (const one of [...all, { do: 'settle' } as const]) await world.run(one)
      for (const [end, count] of world.ends) ends.set(end, (ends.get(end) ?? 0) + count)
      world.close()
    }),
    parameters,
  )
  return ends
}
