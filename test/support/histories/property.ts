import { join } from 'node:path'
import { expect } from 'vitest'
import fc from '../fast-check.ts'
import type { HistoryRepository } from './history.ts'
import { createMemoryRepository } from './memory-repository.ts'
import { rowsOf } from './reading.ts'
import { createRealRepository } from './real-repository.ts'
import { type Setting, type Step, setting, step } from './steps.ts'
import { World } from './world.ts'

export type Chosen = [forgetful: boolean, setting: Setting, steps: Step[]]

/** How often each event happened. */
export type Ends = ReadonlyMap<string, number>

/** With fast-check's bias towards small values, most of a history would have no effect. */
function chosen(maxLength: number): fc.Arbitrary<Chosen> {
  const steps = fc.array(step, { minLength: 10, maxLength, size: 'max' })
  return fc.noBias(fc.tuple(fc.boolean(), setting, steps))
}

/** Runs random histories of repositories in memory, and checks the invariants after every pass. */
export async function checkHistories(parameters: fc.Parameters<[Chosen]>): Promise<Ends> {
  const ends = new Map<string, number>()
  const property = fc.asyncProperty(chosen(40), async ([forgetful, setting, steps]) => {
    const world = await live(createMemoryRepository({ forgetful }), setting, steps)
    for (const [end, count] of world.ends) ends.set(end, (ends.get(end) ?? 0) + count)
    world.close()
  })
  await fc.assert(property, parameters)
  return ends
}

/** Runs the same on real git repositories. Each must end like its counterpart in memory. */
export async function checkRealHistories(folder: string, parameters: fc.Parameters<[Chosen]>): Promise<void> {
  let histories = 0
  const property = fc.asyncProperty(chosen(16), async ([, setting, steps]) => {
    const repository = await createRealRepository(join(folder, `${++histories}`))
    const real = await live(repository, setting, steps)
    const modelled = await live(createMemoryRepository({ forgetful: false }), setting, steps)
    expect(await rowsOf(real.api)).toEqual(await rowsOf(modelled.api))
    expect(real.ends).toEqual(modelled.ends)
    for (const world of [real, modelled]) world.close()
  })
  await fc.assert(property, parameters)
}

async function live(repository: HistoryRepository, setting: Setting, steps: readonly Step[]): Promise<World> {
  const world = await World.begin(repository, setting)
  for (const one of [...steps, { do: 'settle' } as const]) await world.run(one)
  return world
}
