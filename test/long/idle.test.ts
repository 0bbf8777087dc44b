import { it } from 'vitest'
import { expectIdleCosts } from '../support/idle.ts'

it('a source where nothing moved costs one listing and one read of the registry with 10,000 prompts and 400 tags', async () => {
  await expectIdleCosts({ prompts: 10_000, tags: 400 })
}, 600_000)
