import fc from 'fast-check'
import { createMemoryRepository } from './memory-repository.ts'
import { type Setting, type Step, setting, step } from './steps.ts'
import { World } from './world.ts'

/** Runs random histories of repositories in memory, and checks after every pass what must be true of it. */
export async function checkHistories(parameters: fc.Parameters<[boolean, Setting, Step[]]>): Promise<void> {
  const steps = fc.array(step, { minLength: 5, maxLength: 20, size: 'max' })
  await fc.assert(
    fc.asyncProperty(fc.boolean(), setting, steps, async (forgetful, chosen, all) => {
      const world = await World.begin(createMemoryRepository({ forgetful }), chosen)
      for (const one of [...all, { do: 'settle' } as const]) await world.run(one)
      world.close()
    }),
    parameters,
  )
}
