import { onTestFinished } from 'vitest'
import { type AwsRegistry, awsRegistry, type Seed, seed } from './registry.ts'
import { type AwsWorld, makeWorld } from './world.ts'

export const ONE: Seed = { version: '1.0.0', text: 'one' }

/** A platform after three applies with three versions: every row is stable. */
export const THREE: readonly Seed[] = [
  { version: '1.9.0', text: 'nine' },
  { version: '1.10.0', text: 'ten' },
  { version: '1.2.0', text: 'two' },
]

/** A world with one prompt seeded by Terraform, for one test. */
export async function seededWorld(
  id: string,
  ...seeds: readonly Seed[]
): Promise<AwsRegistry & { readonly world: AwsWorld }> {
  const world = await makeWorld()
  onTestFinished(world.close)
  await seed(world, id, ...seeds)
  return { world, ...awsRegistry(world) }
}
